// Answers requests.
export async function serve(port) {
  return fetch("https://payments.acme-pay.io/api");
}
