// Copies a rule's citation, with the browser's clipboard or without, and says what came of it.
const korean = document.documentElement.lang === "ko"
const SAID = {
  done: korean ? "복사했다" : "Copied",
  failed: korean ? "여기서는 복사할 수 없다. 아래 글을 직접 복사한다." : "Nothing can be copied here; copy the text below yourself.",
}
const FIELD = korean ? "인용" : "Citation"

document.addEventListener("click", async event => {
  const button = event.target.closest?.(".copy-citation")
  if (!button) return
  const status = button.parentElement.querySelector("[role=status]")
  // Emptied first: the same words twice would be announced once.
  status.textContent = ""
  const { citation, form } = button.dataset
  const copied = (await written(citation, form)) || commanded(citation, form)
  setTimeout(() => { status.textContent = copied ? SAID.done : SAID.failed }, 50)
  if (!copied) show(citation, button)
})

// A page that is not served over HTTPS has no `navigator.clipboard`.
async function written(text, form) {
  try {
    const types = { "text/plain": text, ...(form === "html" ? { "text/html": text } : {}) }
    const blobs = Object.entries(types).map(([type, content]) => [type, new Blob([content], { type })])
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))])
    return true
  } catch {
    return false
  }
}

// The old way, in which a listener fills what the command copies.
function commanded(text, form) {
  let filled = false
  const fill = event => {
    event.clipboardData.setData("text/plain", text)
    if (form === "html") event.clipboardData.setData("text/html", text)
    event.preventDefault()
    filled = true
  }
  document.addEventListener("copy", fill, true)
  try {
    return document.execCommand("copy") && filled
  } catch {
    return false
  } finally {
    document.removeEventListener("copy", fill, true)
  }
}

function show(text, button) {
  const facts = button.closest(".rule-facts")
  let field = facts.querySelector("textarea")
  if (!field) {
    field = document.createElement("textarea")
    field.readOnly = true
    field.rows = 3
    field.setAttribute("aria-label", FIELD)
    facts.append(field)
  }
  field.value = text
  field.focus()
  field.select()
}
