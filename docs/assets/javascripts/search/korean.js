// The particles and endings of Korean, and how a word loses them: the same for what is written and for what is asked.

// A particle leaves two syllables at least.
const PARTICLES = `
  에서는 에서도 에서의 으로는 으로도 으로의 이라는 이라고 이라면 이어야 입니까 입니다 인가요 까지는 부터는 들에게
  에서 으로 까지 부터 에게 처럼 보다 마다 만큼 하고 이나 이며 이고 이란 이면 이다 인가 인지 라는 라고 와의 과의 에는 에도
  에만 만을 만이 만은 로는 로도 들을 들이 들은 들의 이랑 이나마 한테 밖에 조차 마저
  을 를 이 가 은 는 의 에 로 와 과 도 만 들 랑 요
`

// Behind a noun that 하다 or 되다 makes a verb of, together with what may follow.
const MADE = /^(.{2,}?)(?:하|한|할|함|해|했|합|하여|되|된|될|됨|돼|됐|됩)(.*)$/
const TAILS = new Set(`
  | 다 는 는다 ㄴ다 고 며 면 면서 지 지는 지도 게 기 기는 기를 기에 려면 려고 도록 는데 는가 는지 는지를 나 나요 니까 서 야 도 던 었다 였다
  다가 거나 ㄹ 은 을 를 이 여 여야 요 습니까 습니다 니다 니까 ㄹ까 까
`.split(/\s+/).map(tail => tail.replace("|", "")))

// Endings of other verbs; what they leave is brought to its stem by open().
const ENDINGS = `
  으려면 으려고 으면 은데 려면 려고 면서 도록 는다 는데 는가 는지 니까 나요 거나 어야 아야 어도 아도 어서 아서 었다 았다
  기는 기를 기에 어요 아요 네요 을까 기 야 면 서 던 다 요 도
`
// What no noun ends in, so that one syllable before it is a verb: 죽어야, 죽으면.
const VERBAL = new Set("어요 아요 네요 어야 아야 어도 아도 어서 아서 으면 으려면 으려고 는데 은데".split(" "))
const FUSING = new Set(["야", "서", "요", "도"])

// 죽었는데, 사라졌을, 떴어요: a syllable that ends in ㅆ, and what may follow.
const PAST_TAILS = "다 다면 는데 는데요 을 던 으면 어요 네요 음 나 나요 고 지만 습니다 더니"

// What looks like a word with a particle or an ending and is none.
const WHOLE = new Set(`
  재시도 포화도 그대로 스스로 실제로 따로 이미지 페이지 메시지 비동기 최소화 아이디 어플리케이션
`.split(/\s+/).filter(Boolean))

// What every question has and no answer is found by.
export const STOPPED = new Set(`
  있 되 하 해 돼 뭘 뭐 뭐가 뭐를 것 수 때 곳 등 및 또는 그 이 저 안 몇 개 무엇 무엇을 무슨 어디 어디에 어디서 어디로 어느 언제 누가 어떻게 어떤 하나 하나요 하나요? 하는
  하는가 되나 되나요 되는 되는가 돼 돼요 될까 될까요 있나 있나요 있는 있는가 없나 하면 하려면 해야 해야하나 하기 하는법 방법 둬도 두나 두나요
  둬야 써도 쓰나 쓰나요 써야 넣어도 좋은가 좋나 필요한가 필요한 필요 위해 위한 대해 관한 관해 대한 않게 않고 말고 말아야 주세요 알려줘
`.split(/\s+/).filter(Boolean))

// What sort of answer is wanted.
export const SORTS = new Set("절차 기준 이유 원인 조건 목록 규칙 정책 의미 뜻 처리 관련 문제 경우 가이드 순서".split(" "))

// How much and how often, in the words that the texts have for it.
const ASKED = [
  [/뭘/g, "무엇을"],
  [/뭐(?=[가를부로든]|$|\s)/g, "무엇"],
  [/몇 ?번(?:이나|까지|씩|만)?(?![가-힣])/g, "횟수"],
  [/몇 ?(초|분|시간|일|달)(?:이나|까지|씩|만|마다|동안)?(?![가-힣])/g, "시간"],
  [/얼마나 ?(?:오래|자주)/g, "시간"],
  [/몇 ?(?:개|대)(?:나|까지|씩|만)?(?![가-힣])/g, "개수"],
]

const oneOf = list => list.trim().split(/\s+/).join("|")
const PARTICLE = new Set(PARTICLES.trim().split(/\s+/))
const ENDING = new RegExp(`^(.+?)(${oneOf(ENDINGS)})$`)

// Behind a Latin word a particle stands alone: of root로 the second half says nothing.
const BEHIND_LATIN = new RegExp(`(?<=[A-Za-z0-9])(?:${oneOf(PARTICLES)}|랑|이랑|용)(?![가-힣])`, "g")

const FIRST = 0xac00
const VOWELS = 21
const FINALS = 28
const [A, EO, YEO, WEO, WA, I, U, O, EU] = [0, 4, 6, 14, 9, 20, 13, 8, 18]
const [N, L, M, SS] = [4, 8, 16, 20]
const NO_LEAD = 11

// What a verb's last vowel was before 어 or 아 became one with it.
const OPENED = new Map([[YEO, I], [WEO, U], [WA, O], [EO, EU]])

const AFTER_CONSONANT = new Set("이은을과으")
const AFTER_VOWEL = new Set("가는를와로라랑")

// Nouns of one syllable, which would pass for half of another word with their particle.
const SHORT = "앱 키 값 락 봇 큐 풀 잡 웹 깃 팟 훅 둘 셋".split(" ")
const SHORT_ONE = new RegExp(`^(${SHORT.join("|")})(?:${oneOf(PARTICLES)}|이랑|랑)$`)

/** What of a Korean word is looked up: 롤백은 as 롤백, 배포하려면 as 배포, 늘린다 and 늘려야 as 늘리. */
export function stem(word) {
  if (word === "왜") return "이유"
  if (WHOLE.has(word)) return word
  const short = SHORT_ONE.exec(word)
  if (short) return short[1]
  // Of two syllables the second is a particle where no noun ends so: 앱을, 키를, 쓰는, 깃에.
  if (word.length === 2) return /^[가-힣][을를는에]$/.test(word) ? word[0] : fused(word) ?? word
  if (word.length < 2) return word
  const made = MADE.exec(word)
  if (made && TAILS.has(made[2])) return made[1]
  const verb = ended(word)
  if (verb) return verb
  return withoutParticle(word)
}

// 게이트웨이랑 is 게이트웨이 and 랑: 이랑 only follows a consonant.
function withoutParticle(word) {
  for (let length = Math.min(3, word.length - 2); length > 0; length--) {
    const [left, particle] = [word.slice(0, -length), word.slice(-length)]
    const { final } = taken(left.at(-1))
    if (!PARTICLE.has(particle) || (AFTER_CONSONANT.has(particle[0]) && !final)) continue
    if (!AFTER_VOWEL.has(particle[0]) || !final || (particle[0] === "로" && final === L)) return left
  }
  return word
}

/** A question in the words that texts use. */
export const inTheirWords = query => ASKED.reduce((text, [said, meant]) => text.replace(said, meant), query)

/** A text without the particles of its Latin words. */
export const withoutParticles = text => text.replace(BEHIND_LATIN, " ")

/** What a verb's noun or modifier is of: 닫힘 of 닫히, 부름 of 부르, 바뀐 of 바뀌, 늘릴 of 늘리; null where it is none. */
export function verbOf(word) {
  if (word.length < 2 || !/[가-힣]$/.test(word)) return null
  const { lead, vowel, final } = taken(word.at(-1))
  return final === M || final === N || final === L ? word.slice(0, -1) + put(lead, vowel, 0) : null
}

/** A word whose last syllable has lost its final consonant, which may be the first of the next. */
export function open(word) {
  if (!/[가-힣]$/.test(word)) return word
  const { lead, vowel } = taken(word.at(-1))
  return word.slice(0, -1) + put(lead, vowel, 0)
}

function ended(word) {
  const past = PAST.exec(word)
  if (past && past[1] !== "있") return withoutVowel(past[1])
  const [, left, ending] = ENDING.exec(word) ?? []
  if (!left || left.length + ending.length < 3) return null
  if (ending === "다") {
    // 늘린다: the ㄴ belongs to the ending.
    const { lead, vowel, final } = taken(left.at(-1))
    return final === N ? left.slice(0, -1) + put(lead, vowel, 0) : null
  }
  if (FUSING.has(ending)) return fused(word)
  return left.length > 1 || VERBAL.has(ending) ? left : null
}

// 늘려야 is 늘리 and 어야, 바꿔요 is 바꾸 and 어요, 떠서 is 뜨 and 어서.
function fused(word) {
  if (!FUSING.has(word.at(-1))) return null
  const left = word.slice(0, -1)
  const { vowel, final } = taken(left.at(-1))
  // A noun may end in 어 and have a particle: 서버도.
  return final === 0 && OPENED.has(vowel) && (vowel !== EO || left.length === 1) ? withoutVowel(left) : null
}

// 늘렸 is 늘리, 바꿨 is 바꾸, 떴 is 뜨, 죽었 is 죽, 갔 is 가.
function withoutVowel(word) {
  const { lead, vowel } = taken(word.at(-1))
  if (lead === NO_LEAD && (vowel === EO || vowel === A) && word.length > 1) return word.slice(0, -1)
  return word.slice(0, -1) + put(lead, OPENED.get(vowel) ?? vowel, 0)
}

function taken(syllable) {
  const at = syllable.charCodeAt(0) - FIRST
  return { lead: Math.floor(at / (VOWELS * FINALS)), vowel: Math.floor(at / FINALS) % VOWELS, final: at % FINALS }
}

const PAST = new RegExp(
  `^(.*[${Array.from({ length: 19 * VOWELS }, (_, at) => String.fromCharCode(FIRST + at * FINALS + SS)).join("")}])(?:${oneOf(PAST_TAILS)})?$`,
)

const put = (lead, vowel, final) => String.fromCharCode(FIRST + (lead * VOWELS + vowel) * FINALS + final)
