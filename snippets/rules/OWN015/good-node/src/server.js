// const upstream = "http://192.168.10.5:8080/orders";
const version = "10.2.30.4";
export function serve(port) {
  return [version, "127.0.0.1", `http://${process.env.SERVICE_PORT}`];
}
