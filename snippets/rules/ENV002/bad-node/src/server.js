// Answers requests.
export function serve(port) {
  return port + process.env.REQUEST_SECONDS;
}
