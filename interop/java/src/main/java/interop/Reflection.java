package interop;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.grpc.Channel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.BlockingClientCall;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The client that grpc-java's reflection library leaves to others: a server's services, and a method by its name. */
final class Reflection implements AutoCloseable {
    private final BlockingClientCall<ServerReflectionRequest, ServerReflectionResponse> stream;
    private final Map<String, FileDescriptorProto> received = new HashMap<>();
    private final Map<String, FileDescriptor> built = new HashMap<>();

    Reflection(Channel channel) {
        stream = ServerReflectionGrpc.newBlockingV2Stub(channel).serverReflectionInfo();
    }

    List<String> services() throws Exception {
        return ask(ServerReflectionRequest.newBuilder().setListServices("*"))
            .getListServicesResponse().getServiceList().stream().map(ServiceResponse::getName).sorted().toList();
    }

    /** The method that a "pkg.Service/Method" names. */
    MethodDescriptor method(String path) throws Exception {
        String service = path.substring(0, path.indexOf('/'));
        receive(ServerReflectionRequest.newBuilder().setFileContainingSymbol(service));
        for (String name : List.copyOf(received.keySet())) {
            FileDescriptor file = file(name);
            String bare = service.substring(service.lastIndexOf('.') + 1);
            if (file.getPackage().concat("." + bare).equals(service) && file.findServiceByName(bare) != null) {
                return file.findServiceByName(bare).findMethodByName(path.substring(service.length() + 1));
            }
        }
        throw new IllegalArgumentException(path);
    }

    // A file can be built after the files it imports.
    private FileDescriptor file(String name) throws Exception {
        if (!built.containsKey(name)) {
            if (!received.containsKey(name)) {
                receive(ServerReflectionRequest.newBuilder().setFileByFilename(name));
            }
            FileDescriptorProto proto = received.get(name);
            FileDescriptor[] imports = new FileDescriptor[proto.getDependencyCount()];
            for (int i = 0; i < imports.length; i++) {
                imports[i] = file(proto.getDependency(i));
            }
            built.put(name, FileDescriptor.buildFrom(proto, imports));
        }
        return built.get(name);
    }

    private void receive(ServerReflectionRequest.Builder question) throws Exception {
        for (ByteString bytes : ask(question).getFileDescriptorResponse().getFileDescriptorProtoList()) {
            FileDescriptorProto file = FileDescriptorProto.parseFrom(bytes);
            received.put(file.getName(), file);
        }
    }

    private ServerReflectionResponse ask(ServerReflectionRequest.Builder question) throws Exception {
        stream.write(question.build());
        ServerReflectionResponse answer = stream.read();
        if (answer.hasErrorResponse()) {
            throw new IllegalArgumentException(answer.getErrorResponse().getErrorMessage());
        }
        return answer;
    }

    @Override
    public void close() {
        stream.halfClose();
    }
}
