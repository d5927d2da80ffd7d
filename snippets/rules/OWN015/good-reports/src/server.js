// The service was on 10.20.30.40 once.
const country = "2.5.4.6";
const agent = "AUDIOVOX-CDM9500/111.030 UP.Browser/5.0.4.1 (GUI)";
/* 192.168.10.5 is gone as well. */
const everywhere = ["0.0.0.0", "127.0.0.53", "255.255.255.255"];
export function serve(port) {
  return [country, agent, everywhere];
}
