// The interoperability service on @grpc/grpc-js: prints `port N`, ends when
// standard input does. Argument: the proto file.
'use strict';

const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const ECHO_INITIAL = 'x-grpc-test-echo-initial';
const ECHO_TRAILING = 'x-grpc-test-echo-trailing-bin';

const definition = loader.loadSync(process.argv[2], {keepCase: true});
const {TestService} =
    grpc.loadPackageDefinition(definition).grpc.testing;

const payload = (size) => ({payload: {body: Buffer.alloc(size)}});

function echoInitial(call) {
  const values = call.metadata.get(ECHO_INITIAL);
  if (values.length > 0) {
    const metadata = new grpc.Metadata();
    metadata.set(ECHO_INITIAL, values[0]);
    call.sendMetadata(metadata);
  }
}

function trailing(call) {
  const metadata = new grpc.Metadata();
  for (const value of call.metadata.get(ECHO_TRAILING)) {
    metadata.add(ECHO_TRAILING, value);
  }
  return metadata;
}

function asError(status, metadata) {
  return {code: status.code, details: status.message, metadata};
}

function emptyCall(call, callback) {
  echoInitial(call);
  callback(null, {}, trailing(call));
}

function unaryCall(call, callback) {
  echoInitial(call);
  const {response_size: size, response_status: status} = call.request;
  if (status && status.code) {
    callback(asError(status, trailing(call)));
    return;
  }
  callback(null, payload(size || 0), trailing(call));
}

function streamingInputCall(call, callback) {
  let sum = 0;
  call.on('data', (request) => {
    sum += request.payload ? request.payload.body.length : 0;
  });
  call.on('end', () => callback(null, {aggregated_payload_size: sum}));
}

function respond(call, request) {
  const wait = (us) => new Promise((done) => setTimeout(done, us / 1000));
  return (request.response_parameters || []).reduce(
      (before, parameters) => before.then(async () => {
        if (parameters.interval_us > 0) {
          await wait(parameters.interval_us);
        }
        if (!call.cancelled) {
          call.write(payload(parameters.size || 0));
        }
      }),
      Promise.resolve());
}

function streamingOutputCall(call) {
  echoInitial(call);
  respond(call, call.request).then(() => call.end(trailing(call)));
}

function fullDuplexCall(call) {
  echoInitial(call);
  let last = Promise.resolve();
  let failed = false;
  call.on('data', (request) => {
    last = last.then(() => {
      if (failed) {
        return undefined;
      }
      const status = request.response_status;
      if (status && status.code) {
        failed = true;
        call.emit('error', asError(status, trailing(call)));
        return undefined;
      }
      return respond(call, request);
    });
  });
  call.on('end', () => last.then(() => failed || call.end(trailing(call))));
}

const server = new grpc.Server();
server.addService(TestService.service, {
  EmptyCall: emptyCall,
  UnaryCall: unaryCall,
  StreamingInputCall: streamingInputCall,
  StreamingOutputCall: streamingOutputCall,
  FullDuplexCall: fullDuplexCall,
});
server.bindAsync(
    '127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        throw error;
      }
      console.log(`port ${port}`);
    });
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
