package interop;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.util.JsonFormat;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.io.File;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lists or calls the methods of any server by its reflection.
 *
 * <pre>
 * Client [--cacert FILE] ADDRESS list
 * Client [--cacert FILE] ADDRESS pkg.Service/Method [JSON]...
 * </pre>
 */
public final class Client {
    public static void main(String[] arguments) throws Exception {
        Deque<String> words = new ArrayDeque<>(List.of(arguments));
        ChannelCredentials credentials = InsecureChannelCredentials.create();
        if (words.peek().equals("--cacert")) {
            words.pop();
            credentials = TlsChannelCredentials.newBuilder().trustManager(new File(words.pop())).build();
        }
        ManagedChannel channel = Grpc.newChannelBuilder(words.pop(), credentials).build();
        String method = words.pop();
        int exit = 0;
        try (Reflection reflection = new Reflection(channel)) {
            if (method.equals("list")) {
                reflection.services().forEach(System.out::println);
            } else {
                call(channel, reflection.method(method), words.isEmpty() ? List.of("{}") : words);
            }
        } catch (StatusException failure) {
            System.err.println(failure.getStatus().getCode() + ": " + failure.getStatus().getDescription());
            for (Any detail : StatusProto.fromThrowable(failure).getDetailsList()) {
                System.err.println("detail " + detail.getTypeUrl());
            }
            exit = 64 + failure.getStatus().getCode().value();
        }
        channel.shutdownNow();
        System.exit(exit);
    }

    // One path for the four shapes: each of them is a bidirectional stream to the wire.
    private static void call(ManagedChannel channel, Descriptors.MethodDescriptor method, Iterable<String> documents)
            throws Exception {
        MethodDescriptor<DynamicMessage, DynamicMessage> shape = MethodDescriptor
            .<DynamicMessage, DynamicMessage>newBuilder()
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(MethodDescriptor.generateFullMethodName(
                method.getService().getFullName(), method.getName()))
            .setRequestMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
            .setResponseMarshaller(ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
            .build();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
        BlockingClientCall<DynamicMessage, DynamicMessage> call =
            ClientCalls.blockingBidiStreamingCall(channel, shape, options);
        for (String document : documents) {
            DynamicMessage.Builder request = DynamicMessage.newBuilder(method.getInputType());
            JsonFormat.parser().merge(document, request);
            call.write(request.build());
        }
        call.halfClose();
        for (DynamicMessage reply = call.read(); reply != null; reply = call.read()) {
            System.out.println(JsonFormat.printer().print(reply));
        }
    }
}
