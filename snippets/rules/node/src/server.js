// Answers requests until the process is told to end.
export function serve(port) {}
