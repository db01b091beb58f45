"""The test service of gRPC's interoperability tests, which compresses as it is asked to."""

import time

import grpc

testing, services = grpc.protos_and_services("grpc_testing.proto")

INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


def payload(size):
    return testing.Payload(body=bytes(size))


def echo_metadata(context):
    """Sends back what the client sent under the two names that stand for it."""
    metadata = dict(context.invocation_metadata())
    if INITIAL in metadata:
        context.send_initial_metadata([(INITIAL, metadata[INITIAL])])
    if TRAILING in metadata:
        context.set_trailing_metadata([(TRAILING, metadata[TRAILING])])


def end_if_asked(request, context):
    if request.HasField("response_status") and request.response_status.code != 0:
        codes = {code.value[0]: code for code in grpc.StatusCode}
        context.abort(codes[request.response_status.code], request.response_status.message)


def answers(request, context):
    """The payloads that a request asks for, each compressed or not."""
    for wanted in request.response_parameters:
        time.sleep(wanted.interval_us / 1e6)
        if not wanted.compressed.value:
            context.disable_next_message_compression()
        yield testing.StreamingOutputCallResponse(payload=payload(wanted.size))


class TestService(services.TestServiceServicer):
    def EmptyCall(self, request, context):
        return testing.Empty()

    def UnaryCall(self, request, context):
        echo_metadata(context)
        end_if_asked(request, context)
        if not request.response_compressed.value:
            context.disable_next_message_compression()
        return testing.SimpleResponse(payload=payload(request.response_size))

    def StreamingOutputCall(self, request, context):
        yield from answers(request, context)

    def StreamingInputCall(self, requests, context):
        size = sum(len(request.payload.body) for request in requests)
        return testing.StreamingInputCallResponse(aggregated_payload_size=size)

    def FullDuplexCall(self, requests, context):
        echo_metadata(context)
        for request in requests:
            end_if_asked(request, context)
            yield from answers(request, context)
