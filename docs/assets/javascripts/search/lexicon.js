// The words that stand in the places, and those among them that a word may have been meant for.
const HANGUL = /^[가-힣]/

export class Lexicon {
  /** Of words as they stand in texts, each with its terms and how often it stands there. */
  constructor(words) {
    this.terms = new Map()
    this.surfaces = new Map()
    for (const [surface, own, times] of words) {
      for (const term of own) this.terms.set(term, (this.terms.get(term) ?? 0) + times)
      // Of a Korean word its stem, of any other what stands there.
      this.surfaces.set(HANGUL.test(surface) ? own[0] : surface.toLowerCase(), own[0])
    }
  }

  /** The terms of the words that begin so, the most frequent first. */
  begun(start) {
    return [...new Set(this.words(start).map(word => this.surfaces.get(word)))]
  }

  /** The words that begin so, the most frequent first. */
  words(start) {
    if (!start) return []
    const often = word => this.terms.get(this.surfaces.get(word)) ?? 0
    // Of as many as begin alike the first by the alphabet stands first.
    return [...this.surfaces.keys()].filter(word => word.startsWith(start)).sort((a, b) => often(b) - often(a) || (a < b ? -1 : 1))
  }

  /** 외부시크릿 in 외부 and 시크릿, 공개키백업 in three, where all are words; null where it is one word. */
  split(word) {
    if (!/^[가-힣]{4,}$/.test(word) || this.terms.has(word)) return null
    return this.#halves(word) ?? this.#parts(word)
  }

  #halves(word) {
    let [best, most] = [null, 0]
    for (let at = 2; at <= word.length - 2; at++) {
      const [head, tail] = [word.slice(0, at), word.slice(at)]
      const least = Math.min(this.terms.get(head) ?? 0, this.terms.get(tail) ?? 0)
      if (least > most) [best, most] = [[head, tail], least]
    }
    return best
  }

  // The longest word in front, and what follows in parts of its own.
  #parts(word) {
    for (let at = word.length - 4; at >= 2; at--) {
      const rest = this.terms.has(word.slice(0, at)) && this.split(word.slice(at))
      if (rest) return [word.slice(0, at), ...rest]
    }
    return null
  }
}
