// Words that a misspelt one may have been meant for.

const MOST = 4

/** The words nearest to one that stands nowhere, nearest first, each with how far it is: 1 and more. */
export function near(word, surfaces) {
  const asked = letters(word)
  const allowed = asked.length < 4 ? 0 : asked.length < 8 ? 1 : 2
  if (!allowed) return []
  const found = []
  for (const [surface, term] of surfaces) {
    if (/^[가-힣]/.test(surface) !== /^[가-힣]/.test(word)) continue
    const own = letters(surface)
    if (Math.abs(own.length - asked.length) > allowed || own.length < 4) continue
    const far = distance(asked, own, allowed)
    if (far <= allowed) found.push({ term, far })
  }
  return found.sort((a, b) => a.far - b.far).slice(0, MOST)
}

// A syllable of Hangul is two or three letters, and a slip of the finger changes one.
const letters = word => [...word.normalize("NFD")]

// How many letters are added, lost, changed, or swapped with their neighbour.
function distance(a, b, most) {
  let [before, last] = [null, Array.from({ length: b.length + 1 }, (_, at) => at)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, changed)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1)
    }
    if (Math.min(...row) > most) return most + 1
    ;[before, last] = [last, row]
  }
  return last[b.length]
}
