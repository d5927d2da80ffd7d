// Answers requests.
export function serve(port) {
  if (process.env.NODE_ENV === "production") return port;
}
