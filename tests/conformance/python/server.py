"""The interoperability service on grpcio: prints `port N`, ends when standard
input does. Run with the folder of the generated test_pb2 on the path."""

from concurrent import futures
import os
import sys
import time

import grpc
import test_pb2

ECHO_INITIAL = "x-grpc-test-echo-initial"
ECHO_TRAILING = "x-grpc-test-echo-trailing-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}


def echo_metadata(context):
    sent = dict(context.invocation_metadata())
    if ECHO_INITIAL in sent:
        context.send_initial_metadata(((ECHO_INITIAL, sent[ECHO_INITIAL]),))
    if ECHO_TRAILING in sent:
        context.set_trailing_metadata(((ECHO_TRAILING, sent[ECHO_TRAILING]),))


def echo_status(request, context):
    if request.HasField("response_status") and request.response_status.code:
        context.abort(CODES[request.response_status.code],
                      request.response_status.message)


def payload(size):
    return test_pb2.Payload(body=b"\0" * size)


def empty_call(request, context):
    echo_metadata(context)
    return test_pb2.Empty()


def unary_call(request, context):
    if request.response_compressed.value:
        context.set_compression(grpc.Compression.Gzip)
    echo_metadata(context)
    echo_status(request, context)
    return test_pb2.SimpleResponse(payload=payload(request.response_size))


def streaming_input_call(requests, context):
    return test_pb2.StreamingInputCallResponse(
        aggregated_payload_size=sum(len(r.payload.body) for r in requests))


def responses_to(request, context):
    for parameters in request.response_parameters:
        wake = time.monotonic() + parameters.interval_us / 1e6
        while context.is_active() and time.monotonic() < wake:
            time.sleep(min(0.01, parameters.interval_us / 1e6))
        yield test_pb2.StreamingOutputCallResponse(
            payload=payload(parameters.size))


def streaming_output_call(request, context):
    echo_metadata(context)
    yield from responses_to(request, context)


def full_duplex_call(requests, context):
    echo_metadata(context)
    for request in requests:
        echo_status(request, context)
        yield from responses_to(request, context)


def handlers():
    def of(make, call, request, response):
        return make(call, request_deserializer=request.FromString,
                    response_serializer=response.SerializeToString)

    output = (test_pb2.StreamingOutputCallRequest,
              test_pb2.StreamingOutputCallResponse)
    return grpc.method_handlers_generic_handler("grpc.testing.TestService", {
        "EmptyCall": of(grpc.unary_unary_rpc_method_handler, empty_call,
                        test_pb2.Empty, test_pb2.Empty),
        "UnaryCall": of(grpc.unary_unary_rpc_method_handler, unary_call,
                        test_pb2.SimpleRequest, test_pb2.SimpleResponse),
        "StreamingInputCall": of(grpc.stream_unary_rpc_method_handler,
                                 streaming_input_call,
                                 test_pb2.StreamingInputCallRequest,
                                 test_pb2.StreamingInputCallResponse),
        "StreamingOutputCall": of(grpc.unary_stream_rpc_method_handler,
                                  streaming_output_call, *output),
        "FullDuplexCall": of(grpc.stream_stream_rpc_method_handler,
                             full_duplex_call, *output),
    })


def main():
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=16),
        options=(("grpc.max_receive_message_length", -1),
                 ("grpc.max_send_message_length", -1)))
    server.add_generic_rpc_handlers((handlers(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(f"port {port}", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
