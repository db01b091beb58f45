package interop;

import helloworld.GreeterGrpc;
import helloworld.HelloReply;
import helloworld.HelloRequest;
import io.grpc.stub.StreamObserver;

final class GreeterService extends GreeterGrpc.GreeterImplBase {
    @Override
    public void sayHello(HelloRequest request, StreamObserver<HelloReply> reply) {
        reply.onNext(HelloReply.newBuilder().setMessage("Hello " + request.getName()).build());
        reply.onCompleted();
    }
}
