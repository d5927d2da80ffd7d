// Small behaviours of a page: copying a rule's reference, remembering ticked checklists.
document.addEventListener("click", async event => {
  const button = event.target.closest?.(".copy-reference")
  if (!button) return
  const label = button.textContent
  await navigator.clipboard.writeText(button.dataset.reference)
  button.textContent = document.documentElement.lang === "ko" ? "복사했다" : "Copied"
  setTimeout(() => { button.textContent = label }, 1500)
})

// A ticked item is known by its page and its text, so that an added item moves none of the others.
// Both languages keep their own state.
for (const box of document.querySelectorAll(".task-list-control input")) {
  const item = box.closest("li")
  const key = `apparch:${location.pathname}:${item.textContent.trim()}`
  box.checked = localStorage.getItem(key) === "1"
  box.setAttribute("aria-label", item.textContent.trim())
  box.addEventListener("change", () => {
    if (box.checked) localStorage.setItem(key, "1")
    else localStorage.removeItem(key)
  })
}
