package interop;

import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ChannelzService;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.File;
import java.net.InetSocketAddress;

/** A grpc-java server of interop.v1.Interop and helloworld.Greeter, with reflection v1 and v1alpha, and channelz. */
public final class Server {
    /** How many channels or sockets channelz tells at a time: few, so that a client has to ask for more. */
    private static final int CHANNELZ_PAGE = 2;

    @SuppressWarnings("deprecation") // ProtoReflectionService is v1alpha, which old clients still ask for.
    public static void main(String[] arguments) throws Exception {
        int port = 0;
        ServerCredentials credentials = InsecureServerCredentials.create();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--port" -> port = Integer.parseInt(arguments[++i]);
                case "--tls" -> credentials =
                    TlsServerCredentials.create(new File(arguments[++i]), new File(arguments[++i]));
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        io.grpc.Server server = NettyServerBuilder
            .forAddress(new InetSocketAddress("127.0.0.1", port), credentials)
            .addService(new InteropService())
            .addService(new GreeterService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .addService(ProtoReflectionService.newInstance())
            .addService(ChannelzService.newInstance(CHANNELZ_PAGE))
            .intercept(new HeaderEcho())
            .build()
            .start();
        System.out.println("listening on 127.0.0.1:" + server.getPort());
        server.awaitTermination();
    }
}
