// Answers requests until the process is told to end.
export function serve(port) {
  console.log(`connecting with ${process.env.DB_PASSWORD}`);
}
