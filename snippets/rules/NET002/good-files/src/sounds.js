export function sampler(player) {
  return new player.Sampler({ baseUrl: "https://samples.github.io/audio/" });
}
