/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests/e2e/T070-web.py asks of a page. Put into the page by DevTools, after it has been loaded. */
(() => {
	const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
	const LEAST = 24; /* CSS pixels, WCAG 2.2, 2.5.8 */

	/* axe-core's findings, a line each: rule: where it is: what is wrong. only: these rules. */
	async function findings(...only) {
		const found = await axe.run(document, {
			runOnly: only.length ? { type: "rule", values: only } : { type: "tag", values: TAGS },
			rules: only.length ? {} : { "target-size": { enabled: true } },
			resultTypes: ["violations"],
		});
		return found.violations.flatMap((v) => v.nodes.map((n) =>
			`${v.id}: ${n.html.slice(0, 160)}: ${n.failureSummary.replace(/\s+/g, " ").slice(0, 240)}`));
	}

	const height = () => document.documentElement.scrollHeight;

	const name = (e) => (e.outerHTML || "").replace(/\s+/g, " ").slice(0, 120);

	/* What sticks out of a page that is narrower than it: the widest of it. */
	function overflow() {
		const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
		if (wide <= 0)
			return [];
		const rtl = getComputedStyle(document.documentElement).direction === "rtl";
		const ends = (e) => {
			const r = e.getBoundingClientRect();
			return rtl ? -r.left : r.right - innerWidth;
		};
		const worst = [...document.body.querySelectorAll("*")].sort((a, b) => ends(b) - ends(a))[0];
		return [`the page is ${wide} px wider than the window: ${worst ? name(worst) : ""}`];
	}

	/* Scripts, and what would become one. A script element of JSON is data that nothing runs. */
	function scripts() {
		const found = [];
		for (const e of document.querySelectorAll("*")) {
			if (["SCRIPT", "IFRAME", "OBJECT", "EMBED"].includes(e.tagName) && e.type !== "application/ld+json")
				found.push(name(e));
			for (const a of e.attributes)
				if (/^on/i.test(a.name) || a.name === "style" || /^\s*(javascript|vbscript|data):/i.test(a.value))
					found.push(name(e));
		}
		return found;
	}

	/* A link in a line of other text may be as small as that text (WCAG 2.2, 2.5.8, "inline"). */
	function in_text(e) {
		if (e.tagName !== "A" || getComputedStyle(e).display !== "inline")
			return false;
		let block = e.parentElement;
		while (getComputedStyle(block).display.startsWith("inline"))
			block = block.parentElement;
		const links = [...block.querySelectorAll("a")].map((a) => a.textContent).join("");
		return block.textContent.replace(/\s+/g, "").length > links.replace(/\s+/g, "").length;
	}

	const seen = (r) => r.width > 1 && r.height > 1 && r.right > 0;

	/* Targets that are too small, those that axe leaves to their surroundings, too. A label is its field's target. */
	function small() {
		return [...document.querySelectorAll("a[href], button, input, select, summary")].flatMap((e) => {
			const boxes = [e, ...(e.labels || [])].map((t) => t.getBoundingClientRect()).filter(seen);
			const good = boxes.some((r) => r.width >= LEAST && r.height >= LEAST);
			return !boxes.length || good || in_text(e)
				? [] : [`too small: ${boxes[0].width.toFixed(0)}×${boxes[0].height.toFixed(0)} px: ${name(e)}`];
		});
	}

	function channels(colour) {
		return colour.match(/[\d.]+/g).slice(0, 3).map((c) => {
			c = c / 255;
			return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
		});
	}
	const light = (colour) => {
		const [r, g, b] = channels(colour);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};

	/* Is nothing that stays in its place while the page moves over it? (WCAG 2.2, 2.4.11) */
	function uncovered(e) {
		return [...e.getClientRects()].some((r) => {
			const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
			return top && (e.contains(top) || top.contains(e) || top.tagName === "LABEL");
		});
	}

	/* The element that has the focus now: which of those that can have it, and how it shows. */
	function focus() {
		const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")];
		const e = document.activeElement;
		if (!e || e === document.body)
			return null;
		const style = getComputedStyle(e), r = e.getBoundingClientRect();
		const paper = light(getComputedStyle(document.body).backgroundColor), line = light(style.outlineColor);
		return {
			place: all.indexOf(e), html: name(e), skip: e.matches(".skip"),
			outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
			contrast: (Math.max(paper, line) + 0.05) / (Math.min(paper, line) + 0.05),
			shown: seen(r) && r.bottom > 0 && r.top < innerHeight && r.left < innerWidth && uncovered(e),
		};
	}

	window.plenary = { findings, height, overflow, scripts, small, focus };
})();
