import grpc from 'k6/net/grpc';

const client = new grpc.Client();
client.load([__ENV.PROTO_DIR], 'perfrig/target/v1/echo.proto');
const text = 'x'.repeat(Number(__ENV.PAYLOAD));
let connected = false;

export const options = {
  vus: Number(__ENV.IN_FLIGHT),
  duration: `${__ENV.SECONDS}s`,
};

export default function () {
  if (!connected) {
    client.connect(__ENV.ADDRESS, {plaintext: true});
    connected = true;
  }
  client.invoke('perfrig.target.v1.Echo/Call', {text});
}
