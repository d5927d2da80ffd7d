// fetch("https://payments.acme-pay.io/api")
const HELP_URL = "https://help.acme-pay.io";
export async function serve(port) {
  return fetch(`https://${port}/orders`, { headers: { link: HELP_URL } });
}
