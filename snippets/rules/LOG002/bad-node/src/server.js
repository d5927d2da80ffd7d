// Answers requests.
import winston from "winston";

const file = new winston.transports.File({ filename: "orders.log" });
export function serve(port) {
  return file;
}
