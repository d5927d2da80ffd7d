// if (process.env.NODE_ENV === "production") was here.
export function serve(port) {
  console.log(`NODE_ENV is ${process.env.NODE_ENV}`, port === "production");
}
