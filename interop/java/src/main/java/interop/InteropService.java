package interop;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.Status;
import interop.v1.BlobReply;
import interop.v1.BlobRequest;
import interop.v1.Everything;
import interop.v1.Extended;
import interop.v1.FailRequest;
import interop.v1.InteropGrpc;
import interop.v1.MetadataReply;
import interop.v1.MetadataRequest;
import interop.v1.Note;
import interop.v1.SleepReply;
import interop.v1.SleepRequest;
import interop.v1.StreamRequest;
import interop.v1.Summary;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;

final class InteropService extends InteropGrpc.InteropImplBase {
    @Override
    public void unary(Everything request, StreamObserver<Everything> reply) {
        answer(reply, request);
    }

    @Override
    public void extend(Extended request, StreamObserver<Extended> reply) {
        answer(reply, request);
    }

    @Override
    public void serverStream(StreamRequest request, StreamObserver<Note> notes) {
        for (int number = 1; number <= request.getCount(); number++) {
            String text = Integer.toString(number);
            String zeros = "0".repeat(Math.max(0, request.getSize() - text.length()));
            notes.onNext(note(zeros + text));
        }
        notes.onCompleted();
    }

    @Override
    public StreamObserver<Note> clientStream(StreamObserver<Summary> reply) {
        Summary.Builder summary = Summary.newBuilder();
        return listener(
            note -> summary.addTexts(note.getText()).setCount(summary.getTextsCount()),
            () -> answer(reply, summary.build()));
    }

    @Override
    public StreamObserver<Note> bidi(StreamObserver<Note> replies) {
        return listener(note -> replies.onNext(note("re:" + note.getText())), replies::onCompleted);
    }

    @Override
    public void fail(FailRequest request, StreamObserver<Everything> reply) {
        BadRequest.Builder badRequest = BadRequest.newBuilder();
        badRequest.addFieldViolationsBuilder().setField("small").setDescription("too-small");
        ErrorInfo info = ErrorInfo.newBuilder()
            .setReason("ASKED_FOR").setDomain("interop").putMetadata("server", "java").build();
        reply.onError(StatusProto.toStatusRuntimeException(Status.newBuilder()
            .setCode(request.getCode())
            .setMessage(request.getMessage())
            .addDetails(Any.pack(badRequest.build()))
            .addDetails(Any.pack(info))
            .build()));
    }

    @Override
    public void metadata(MetadataRequest request, StreamObserver<MetadataReply> reply) {
        answer(reply, HeaderEcho.RECEIVED.get());
    }

    @Override
    public void sleep(SleepRequest request, StreamObserver<SleepReply> reply) {
        try {
            Thread.sleep(request.getMillis());
            answer(reply, SleepReply.getDefaultInstance());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void blob(BlobRequest request, StreamObserver<BlobReply> reply) {
        ByteString data = ByteString.copyFrom(new byte[request.getSize()]);
        answer(reply, BlobReply.newBuilder().setData(data).build());
    }

    private static Note note(String text) {
        return Note.newBuilder().setText(text).build();
    }

    private static <T> void answer(StreamObserver<T> reply, T message) {
        reply.onNext(message);
        reply.onCompleted();
    }

    private static StreamObserver<Note> listener(Consumer<Note> onNote, Runnable onEnd) {
        return new StreamObserver<>() {
            @Override
            public void onNext(Note note) {
                onNote.accept(note);
            }

            @Override
            public void onError(Throwable cancelled) {
                // The client has gone; there is nobody to answer.
            }

            @Override
            public void onCompleted() {
                onEnd.run();
            }
        };
    }
}
