// process.env.REQUEST_SECONDS was read here.
export function serve(port) {
  return process.env.NODE_ENV && port;
}
