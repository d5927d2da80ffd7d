// Answers requests.
export const key_algorithm = "EC_secp384r1";
export const PublicKeyToken = "1111xolgCBP3LGczeUMNKQgi5YjTXgl59C0GdXdd65U";
export const api_key_env = "MY_SECRET1";
export const db = { password: "*******", store_password: "/parameters/orders1/key2" };
export const sql = { password: "$(SQL_ADMIN_PASSWORD1)", admin_password: "" };
export const begins = (text) => text.startsWith("-----BEGIN RSA PRIVATE KEY-----");
export function serve(port) {}
