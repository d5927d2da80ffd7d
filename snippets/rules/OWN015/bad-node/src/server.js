// Answers requests.
const upstream = "http://192.168.10.5:8080/orders";
export function serve(port) {
  return upstream;
}
