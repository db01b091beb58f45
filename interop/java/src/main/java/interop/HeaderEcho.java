package interop;

import com.google.protobuf.ByteString;
import interop.v1.MetadataReply;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Hands the request's "x-" headers to the Metadata method, and adds this server's header and trailer to its answer. */
final class HeaderEcho implements ServerInterceptor {
    static final Context.Key<MetadataReply> RECEIVED = Context.key("received");

    private static final Metadata.Key<String> SERVER = text("x-interop-server");
    private static final Metadata.Key<String> TRAILER = text("x-interop-trailer");

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!call.getMethodDescriptor().getBareMethodName().equals("Metadata")) {
            return next.startCall(call, headers);
        }
        ServerCall<Q, A> marked = new SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata sent) {
                sent.put(SERVER, "java");
                super.sendHeaders(sent);
            }

            @Override
            public void close(Status status, Metadata trailers) {
                trailers.put(TRAILER, "done");
                super.close(status, trailers);
            }
        };
        Context context = Context.current().withValue(RECEIVED, reply(headers));
        return Contexts.interceptCall(context, marked, headers, next);
    }

    private static MetadataReply reply(Metadata headers) {
        MetadataReply.Builder reply = MetadataReply.newBuilder();
        for (String name : headers.keys().stream().filter(name -> name.startsWith("x-")).sorted().toList()) {
            if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                for (byte[] value : headers.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER))) {
                    reply.addHeadersBuilder().setName(name).setBinary(ByteString.copyFrom(value));
                }
            } else {
                for (String value : headers.getAll(text(name))) {
                    reply.addHeadersBuilder().setName(name).setText(value);
                }
            }
        }
        return reply.build();
    }

    private static Metadata.Key<String> text(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
