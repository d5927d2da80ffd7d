// Draws each diagram when a reader comes near it. Mermaid is 2.5 MB and is fetched once, for the first of them.
const script = document.currentScript
// It shrinks to its column as long as its letters can be read; then its frame scrolls.
const SMALLEST = 0.72
// The page's own colours, which follow its light and dark.
const STYLE = `
  .node :is(circle, path, polygon, rect), g.stateGroup rect, .actor, .labelBox { fill: var(--md-mermaid-node-bg-color); stroke: var(--md-mermaid-node-fg-color) }
  .nodeLabel, .nodeLabel p, .label, .cluster span, .edgeLabel, .edgeLabel p { color: var(--md-default-fg-color); font-family: var(--md-text-font) }
  .label foreignObject { overflow: visible }
  .edgeLabel, .edgeLabel p, .labelBkg { background-color: var(--md-default-bg-color) }
  .edgeLabel rect { fill: var(--md-default-bg-color); opacity: 1 }
  .flowchart-link, .edgePath .path, .transition, .messageLine0, .messageLine1, line, .actor-line { stroke: var(--md-mermaid-edge-color) !important }
  marker, marker path, #arrowhead path, .node circle.state-start { fill: var(--md-mermaid-edge-color) !important; stroke: none !important }
  .cluster rect { fill: none; stroke: var(--md-mermaid-node-fg-color); stroke-dasharray: 4 3 }
  text, text > tspan, text.actor > tspan { fill: var(--md-default-fg-color) !important; stroke: none; font-family: var(--md-text-font) !important }
  .note, .statediagram-note rect { fill: var(--md-default-bg-color) !important; stroke: var(--md-mermaid-node-fg-color) !important }
  .loopLine { stroke: var(--md-mermaid-node-fg-color) }
`

let library
const load = () => library ??= prepare(new Promise((done, failed) => {
  const tag = document.createElement("script")
  tag.src = new URL("vendor/mermaid/mermaid.tiny.js", script.src)
  tag.onerror = failed
  tag.onload = () => done(window.mermaid)
  document.head.append(tag)
}))

const prepare = load => load.then(mermaid => {
  const font = { actorFontSize: "16px", messageFontSize: "16px", noteFontSize: "16px" }
  mermaid.initialize({
    startOnLoad: false,
    themeCSS: STYLE,
    flowchart: { useMaxWidth: false },
    state: { useMaxWidth: false },
    sequence: { useMaxWidth: false, mirrorActors: false, actorMargin: 30, width: 110, ...font },
  })
  return mermaid
})

// A chain that runs to the right runs down where there is no room for it.
const RIGHT = /^(\s*flowchart) LR/
async function render(text, room) {
  const mermaid = await load()
  const drawing = document.createElement("template")
  for (const each of RIGHT.test(text) ? [text, text.replace(RIGHT, "$1 TD")] : [text]) {
    drawing.innerHTML = (await mermaid.render(`diagram-${++count}`, each)).svg
    const width = drawing.content.firstChild.viewBox.baseVal.width
    drawing.content.firstChild.style.cssText +=
      `;display:block;margin:0 auto;height:auto;width:clamp(${width * SMALLEST}px,100%,${width}px)`
    if (width * SMALLEST <= room) break
  }
  return drawing.content
}

function heading(element) {
  for (let at = element; (at = at.previousElementSibling);)
    if (/^H[1-6]$/.test(at.tagName)) return at.firstChild.textContent.trim()
  return ""
}

const wordsOf = source => [...source.parentElement.querySelectorAll("details.diagram-text")]
  .find(each => source.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING)

let count = 0
let turn = Promise.resolve()
const draw = source => turn = turn.then(async () => {
  if (!source.isConnected) return
  try {
    const drawing = await render(source.querySelector("code").textContent, source.clientWidth)
    const words = wordsOf(source)
    const frame = document.createElement("div")
    frame.className = "diagram"
    frame.tabIndex = 0
    frame.role = "img"
    frame.ariaLabel = [heading(source), words?.querySelector("summary").textContent].filter(Boolean).join(": ")
    if (words) {
      words.id ||= `words-of-diagram-${count}`
      frame.setAttribute("aria-details", words.id)
    }
    frame.attachShadow({ mode: "open" }).append(drawing)
    source.replaceWith(frame)
  } catch (error) {
    source.classList.add("undrawn")
    console.error(error)
  }
})

const sources = document.querySelectorAll("pre.diagram")
if ("all" in script.dataset) sources.forEach(draw)
else {
  watch("0px")
  // A reader who moves on finds the next diagram drawn; one who does not is sent nothing that is out of sight.
  addEventListener("scroll", () => watch("400px"), { once: true, passive: true })
}

function watch(rootMargin) {
  const observer = new IntersectionObserver(entries => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        observer.unobserve(target)
        draw(target)
      }
  }, { rootMargin })
  sources.forEach(each => observer.observe(each))
}

// Paper cannot scroll to a diagram: one that is not drawn yet is printed in words.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("pre.diagram")) wordsOf(each)?.setAttribute("open", "")
})
