// node_modules/preact/dist/preact.mjs
var e, t, n, r, i, a, o, s, c, l, u = Symbol.for("pv"), d = {}, f = [], p = /^m(i|n|o|s|text|space)$/, m = Array.isArray, h = f.slice, g = Object.assign;
function _(e) {
	e && e.parentNode && e.remove();
}
function v(n, r, i, a, o) {
	var s = {
		type: n,
		props: r,
		key: i,
		ref: a,
		__k: null,
		__: null,
		__b: 0,
		__e: null,
		__c: null,
		constructor: u,
		__v: o || ++t,
		__i: -1,
		__u: 0
	};
	return !o && e.vnode && e.vnode(s), s;
}
function y(e) {
	return e.children;
}
function b(e, t) {
	this.props = e, this.context = t, this.__g = 0;
}
function x(e, t) {
	if (t == null) return e.__ && x(e.__, e.__i + 1);
	for (var n; t < e.__k.length; t++) if ((n = e.__k[t]) && n.__e) return n.__e;
	return typeof e.type != "function" || e.props.__P ? null : x(e);
}
function S(t) {
	var n, r = t.__v, i = r.__e, a = [], o = [], s = t.__P;
	s && ((n = g({ constructor: u }, r)).__v = r.__v + 1, e.vnode && e.vnode(n), M(s, n, r, t.__n, s.namespaceURI, 32 & r.__u ? [i] : null, a, i || x(r), 32 & r.__u, o), n.__v = r.__v, n.__.__k[n.__i] = n, P(a, n, o), r.__ = r.__e = null, n.__e != i && C(n));
}
function C(e) {
	if ((e = e.__) && e.__c && !e.props.__P) return e.__e = null, e.__k.some(function(t) {
		return t && (e.__e = t.__e);
	}), C(e);
}
function w(t) {
	(8 & t.__g || (t.__g |= 8, n.push(t), i++)) && r == e.debounceRendering || ((r = e.debounceRendering) || queueMicrotask)(T);
}
function T() {
	try {
		for (var e, t = 1; n.length;) n.length > t && n.sort(a), e = n.shift(), t = n.length, 8 & e.__g && S(e);
	} finally {
		(i = n.length) && (r || queueMicrotask)(T);
	}
}
function ee(e, t, n, r, i, a, o, s, c, l, u) {
	var p, m, h, g, _, v, y = r.__k || f, b = t.length;
	for (c = E(n, t, y, c, b), p = 0; p < b; p++) (h = n.__k[p]) != null && (m = ~h.__i && y[h.__i] || d, h.__i = p, v = M(e, h, m, i, a, o, s, c, l, u), g = h.__e, (m.ref != h.ref || 8 & m.__u) && (m.ref && I(m.ref, null, h, m), h.ref && u.push(h.ref, h.__c || g, h)), _ ||= g, 4 & h.__u ? (c = D(h, c, e, !m.__v), m.__e && (m.__e = null)) : typeof h.type == "function" && v !== void 0 ? c = v : g && (c = g.nextSibling), h.__u &= -21);
	return n.__e = _, c;
}
function E(e, t, n, r, i) {
	var a, o, s, c, l, d, f, p, h, g = n.length, _ = g, b = 0, S = 0, C = e.__k = Array(i);
	for (a = 0; a < i; a++) (o = t[a]) != null && typeof o != "boolean" && typeof o != "function" ? (typeof o != "object" || o.constructor === String ? o = C[a] = v(null, o) : m(o) ? o = C[a] = v(y, { children: o }) : o.constructor === u && o.__b ? o = C[a] = v(o.type, o.props, o.key, o.ref, o.__v) : C[a] = o, c = a + b, o.__ = e, o.__b = e.__b + 1, s = null, ~(l = o.__i = O(o, n, c, _)) && (_--, (s = n[l]) && (s.__u |= 2)), s && s.__v ? (o.__u |= 16, l == c - 1 ? b-- : l == c + 1 ? b++ : l != c && (l > c ? b-- : b++, S = 1)) : (~l || (i > g ? b-- : i < g && b++), typeof o.type != "function" && (o.__u |= 4))) : C[a] = null;
	if (S) {
		for (d = [], f = [], a = 0; a < i; a++) if ((o = C[a]) && 16 & o.__u) {
			for (b = 0, p = d.length; b < p;) d[h = b + p >> 1] < o.__i ? b = h + 1 : p = h;
			d[b] = o.__i, f[a] = b + 1;
		}
		for (b = d.length; a--;) f[a] && (f[a] == b ? b-- : C[a].__u |= 4);
	}
	if (_) for (a = 0; a < g; a++) !(s = n[a]) || 2 & s.__u || (s.__e == r && (r = x(s)), ne(s, s));
	return r;
}
function D(e, t, n, r) {
	var i, a, o, s;
	if (typeof e.type == "function") {
		if (e.props.__P) return t;
		if (i = e.__k) for (a = 0; a < i.length; a++) i[a] && (i[a].__ = e, t = D(i[a], t, n, !1));
		return t;
	}
	for (t && !t.parentNode && (t = x(e)) && !t.parentNode && (t = null), o = e.__e, s = t; s && s.nodeType == 8;) s = s.nextSibling;
	for (o != s && (!r && n.moveBefore && o.parentNode ? n.moveBefore(o, t) : n.insertBefore(o, t || null)), t = o; (t &&= t.nextSibling) && t.nodeType == 8 && !t.data.startsWith("$s"););
	return t;
}
function O(e, t, n, r) {
	var i, a = e.key, o = e.type, s = t[n], c = s && !(2 & s.__u);
	if (s === null && a == null || c && a == s.key && o == s.type) return n;
	if (r > +!!c) {
		for (i = n - 1; i >= 0; i--) if ((s = t[i]) && !(2 & s.__u) && a == s.key && o == s.type) return i;
		for (i = n + 1; i < t.length; i++) if ((s = t[i]) && !(2 & s.__u) && a == s.key && o == s.type) return i;
	}
	return -1;
}
function k(e, t, n) {
	n ??= "", t[0] == "-" ? e.setProperty(t, n) : e[t] = n;
}
function A(e, t, n, r, i) {
	var a, o;
	if (t == "style") {
		if (typeof n == "string") e.style.cssText = n;
		else {
			if (typeof r == "string" && (e.style.cssText = r = ""), r) for (t in r) n && t in n || k(e.style, t);
			if (n) for (t in n) r && n[t] == r[t] || k(e.style, t, n[t]);
		}
	} else if (t[0] == "o" && t[1] == "n") typeof n != "function" && (n = null), typeof r != "function" && (r = null), (e.__e ||= {})[t] = n, n && r || (o = l[t] || (l[t] = j(t)), (e.__a ||= {})[t] = c, a = t != (t = t.replace(s, "$1")), (t = t.slice(2))[0] < "a" && (t = t.toLowerCase()), n ? e.addEventListener(t, o, a) : e.removeEventListener(t, o, a));
	else {
		if (i == "http://www.w3.org/2000/svg") t = t.replace(/xlink(H|:h)/, "h").replace(/sName$/, "s");
		else if (t != "width" && t != "height" && t != "href" && t != "list" && t != "form" && t != "tabIndex" && t != "download" && t != "rowSpan" && t != "colSpan" && t != "role" && t != "popover" && t in e) try {
			e[t] = n ?? "";
			return;
		} catch {}
		if (typeof n == "function") return;
		n == null || !1 === n && t[4] != "-" ? e.removeAttribute(t) : e.setAttribute(t, t == "popover" && n == 1 ? "" : n);
	}
}
function j(t) {
	return function(n) {
		var r = this.__e;
		if (r) {
			if (r = r[t], n[o] == null) n[o] = c++;
			else if (n[o] < this.__a[t]) return;
			return r(e.event ? e.event(n) : n);
		}
	};
}
function M(t, n, r, i, a, o, s, c, l, d) {
	var p, h, v, S, C, w, T, E, D, O, k, A, j, M, P, I, L, R, z = n.type;
	if (n.constructor !== u) return null;
	128 & r.__u && (l = 32 & r.__u, p = r.__c.__z) && (n.__u |= l, h = o = [], p.nodeType == 8 ? c = N(p, o) : o.push(p), c = o[0] || c), (p = e.__b) && p(n);
	e: if (typeof z == "function") {
		v = s.length;
		try {
			if (E = n.props, D = (p = z.prototype) && p.render, O = (p = z.contextType) && i[p.__c], k = p ? O ? O.props.value : p.__ : i, (S = r.__c) ? (n.__c = S, 2 & S.__g && (S.__g |= 1)) : (D ? n.__c = S = new z(E, k) : (n.__c = S = new b(E, k), S.constructor = z, S.render = re), O && O.sub(S), S.state || (S.state = {}), S.__n = i, S.__g |= 8, S.__h = [], S.__k = []), D && (S.__s || (S.__s = S.state), z.getDerivedStateFromProps && (S.__s == S.state && (S.__s = g({}, S.__s)), g(S.__s, z.getDerivedStateFromProps(E, S.__s)))), C = S.props, w = S.state, S.__v = n, r.__c) {
				if (E !== C && D && !z.getDerivedStateFromProps && S.componentWillReceiveProps && S.componentWillReceiveProps(E, k), n.__v == r.__v && !(8 & S.__g) || !(4 & S.__g) && S.shouldComponentUpdate && !1 === S.shouldComponentUpdate(E, S.__s, k)) {
					n.__v != r.__v && (S.props = E, S.state = S.__s, S.__g &= -9), n.__e = r.__e, n.__k = r.__k, n.__k.some(function(e) {
						e && (e.__ = n);
					}), f.push.apply(S.__h, S.__k), S.__k = [], S.__h.length && s.push(S), c = x(r);
					break e;
				}
				S.componentWillUpdate && S.componentWillUpdate(E, S.__s, k), D && S.componentDidUpdate && S.__h.push(function() {
					S.componentDidUpdate(C, w, T);
				});
			} else D && !z.getDerivedStateFromProps && S.componentWillMount && S.componentWillMount(), D && S.componentDidMount && S.__h.push(S.componentDidMount);
			S.context = k, S.props = E, S.__P = t, S.__g &= -5, A = e.__r, j = D ? 25 : 0;
			do
				S.__g &= -9, A && A(n), p = S.render(S.props, S.state = S.__s, S.context);
			while (8 & S.__g && ++j < 25);
			D && (f.push.apply(S.__h, S.__k), S.__k = []), S.state = S.__s, S.getChildContext && (i = g({}, i, S.getChildContext())), D && r.__c && S.getSnapshotBeforeUpdate && (T = S.getSnapshotBeforeUpdate(C, w)), M = p && p.type === y && p.key == null ? p.props.children : p, E.__P && (p = c, a = (t = E.__P).namespaceURI, l = o = null, r.props && r.props.__P != t && (r.__k.some(function(e) {
				e && ne(e, e);
			}), r.__k = null), c = r.__k ? x(r, 0) : null), c = ee(t, m(M) ? M : [M], n, r, i, a, o, s, c, l, d), E.__P && (n.__e = null, c = p), n.__u &= -161, h && h.some(_), S.__h.length && s.push(S), 1 & S.__g && (S.__g &= -4);
		} catch (t) {
			if (s.length = v, n.__v = null, l || o) {
				if (t && t.then) {
					if (n.__u |= 128 | l, o) {
						for (~(L = o.indexOf(c || void 0)) || (L = o.length); (R = o[L - 1]) && R.nodeType == 8;) L--;
						for (; L < o.length; L++) if (R = o[L]) {
							if (o[L] = null, P) {
								if (R == I) break;
							} else {
								if (R.nodeType != 8) break;
								R.data.startsWith("$s") && (I = N(P = R));
							}
						}
					}
					if (!P) {
						for (; c && c.nodeType == 8 && c.nextSibling;) c = c.nextSibling;
						P = c;
					}
					(p = N(P = n.__c.__z || (n.__c.__z = P))) ? (n.__e = P, c = p) : n.__e = c, c &&= c.nextSibling;
				} else o && o.some(_);
			} else n.__e = r.__e;
			n.__k ||= r.__k || [], t && t.then || te(n), e.__e(t, n, r);
		}
	} else c = n.__e = F(r.__e, n, r, i, a, o, s, l, d, t);
	return (p = e.diffed) && p(n), c;
}
function N(e, t) {
	if (e && e.nodeType == 8 && e.data.startsWith("$s")) for (var n = 1; e = e.nextSibling;) {
		if (e.nodeType == 8) {
			if (e.data.startsWith("$s")) n++;
			else if (e.data.startsWith("/$s") && !--n) return e;
		}
		t && t.push(e);
	}
}
function te(e) {
	e && (e.__c && (e.__c.__g |= 4), e.__k && e.__k.some(te));
}
function P(t, n, r) {
	for (var i = 0; i < r.length;) I(r[i++], r[i++], r[i++]);
	e.__c && e.__c(n, t), t.some(function(n) {
		try {
			t = n.__h, n.__h = [], t.some(function(e) {
				e.call(n);
			});
		} catch (t) {
			e.__e(t, n.__v);
		}
	});
}
function F(t, n, r, i, a, o, s, c, l, u) {
	var f, g, v, y, b, S, C, w, T = r.props || d, E = n.props, D = n.type;
	if (D == "svg" ? a = "http://www.w3.org/2000/svg" : D == "math" ? a = "http://www.w3.org/1998/Math/MathML" : a ||= "http://www.w3.org/1999/xhtml", o) {
		for (f = 0; f < o.length; f++) if ((b = o[f]) && (D ? b.localName == D : b.nodeType == 3)) {
			t = b, o[f] = null;
			break;
		}
	}
	if (!t) {
		if (w = u.ownerDocument || document, !D) return w.createTextNode(E);
		t = w.createElementNS(a, D, E.is ? E : u), c &&= (e.__m && e.__m(n, o), !1), o = null;
	}
	if (D) {
		if (u = D == "template" && t.content || t, o = D == "textarea" && E.defaultValue != null ? null : o && h.call(u.childNodes), !c && o) for (T = {}, f = 0; f < t.attributes.length; f++) T[(b = t.attributes[f]).name] = b.value;
		for (f in T) b = T[f], f == "dangerouslySetInnerHTML" ? v = b : f == "children" || f in E || f == "value" && "defaultValue" in E || f == "checked" && "defaultChecked" in E || A(t, f, null, b, a);
		for (f in E) b = E[f], f == "children" ? y = b : f == "dangerouslySetInnerHTML" ? g = b : f == "value" ? S = b : f == "checked" ? C = b : c && typeof b != "function" || T[f] === b || A(t, f, b, T[f], a);
		g ? (c || v && (g.__html == v.__html || g.__html == t.innerHTML) || (t.innerHTML = g.__html), n.__k = []) : (v && (t.textContent = ""), (D == "foreignObject" || a == "http://www.w3.org/1998/Math/MathML" && p.test(D)) && (a = "http://www.w3.org/1999/xhtml"), ee(u, m(y) ? y : [y], n, r, i, a, o, s, o ? o[0] : r.__k && x(r, 0), c, l), o && o.some(_)), c && D != "textarea" || (f = "value", D == "progress" && S == null ? t.removeAttribute(f) : S == null || S === t[f] && (D != "progress" || S) || A(t, f, S, T[f], a), f = "checked", C != null && C != t[f] && A(t, f, C, T[f], a));
	} else T === E || c && t.data == E || (t.data = E);
	return t;
}
function I(t, n, r, i) {
	try {
		typeof t == "function" ? n ? n.__x = t(n) || 1 : (i &&= i.__c || i.__e) && (n = i.__x) && (i.__x = null, typeof n == "function" ? n() : t(null)) : t.current = n;
	} catch (t) {
		e.__e(t, r);
	}
}
function ne(t, n, r) {
	var i, a, o, s;
	if (e.unmount && e.unmount(t), !(i = t.ref) || i.current && i.current != t.__e || I(i, null, n, t), i = t.__c) {
		if (i.componentWillUnmount) try {
			i.componentWillUnmount();
		} catch (t) {
			e.__e(t, n);
		}
		i.__P = i.__n = null;
	}
	if (i = t.__k) for (s = 0; s < i.length; s++) i[s] && ne(i[s], n, typeof t.type != "function" || r && !t.props.__P);
	!r && (i = t.__c) && (i = i.__z) && (a = N(i, o = [])) && (i == t.__e && o.some(_), _(a), _(i)), r || _(t.__e), t.__e = t.__c = t.__ = null;
}
function re(e, t, n) {
	return this.constructor(e, n);
}
function L(t, n) {
	var r, i, a, o;
	e.__ && e.__(t, n), n.nodeType == 9 && (n = n.documentElement), i = (r = t && 32 & t.__u) ? null : n.__k, n.__k = v(y, { children: [t] }), a = [], o = [], M(n, n.__k, i || d, d, n.namespaceURI, i ? null : n.firstChild ? h.call(n.childNodes) : null, a, i ? i.__e : n.firstChild, r, o), P(a, n.__k, o), n.__k.props.children = null;
}
e = { __e: function(e, t, n, r) {
	for (var a, o, s; t = t.__;) if ((a = t.__c) && !(1 & a.__g)) {
		a.__g |= 4;
		try {
			if ((s = (o = a.constructor) && o.getDerivedStateFromError) && a.setState(o.getDerivedStateFromError(e)), a.componentDidCatch && (a.componentDidCatch(e, r || {}), s = 1), s && 8 & a.__g) return void (a.__g |= 2);
		} catch (t) {
			e = t;
		}
	}
	throw i = 0, e;
} }, t = 0, b.prototype.setState = function(e, t) {
	var n = this.__s;
	n && n != this.state || (n = this.__s = g({}, this.state)), typeof e == "function" && (e = e(g({}, n), this.props)), e && (g(n, e), this.__v && (t && this.__k.push(t), w(this)));
}, b.prototype.forceUpdate = function(e) {
	this.__v && (this.__g |= 4, e && this.__h.push(e), w(this));
}, b.prototype.render = y, n = [], i = 0, a = function(e, t) {
	return e.__v.__b - t.__v.__b;
}, o = Symbol(), s = /(PointerCapture)$|Capture$/i, c = 0, l = {};
// node_modules/preact/hooks/dist/hooks.mjs
var R, z, ie, ae, oe = Object.is, se = 0, ce = [], le = [], B = e, ue = B.__b, de = B.__r, fe = B.diffed, pe = B.__c, me = B.unmount, he = B.__;
function ge(e, t) {
	B.__h && B.__h(z, e, se || t), se = 0;
	var n = z.__H || (z.__H = {
		__: [],
		__h: []
	});
	return e >= n.__.length && n.__.push({}), n.__[e];
}
function V(e) {
	return se = 1, _e(Ee, e);
}
function _e(e, t, n) {
	var r = ge(R++, 2);
	if (r.t = e, !r.__c && (r.__ = [n ? n(t) : Ee(void 0, t), function(e) {
		var t = (r.__N || r.__)[0], n = r.t(t, e);
		oe(t, n) || (r.__N = [n, r.__[1]], r.__c.setState({}));
	}], r.__c = z, !z.__f)) {
		z.__f = !0;
		var i = z.shouldComponentUpdate;
		z.shouldComponentUpdate = function(e, t, n) {
			var r = this.__H;
			if (!r) return !0;
			var a = !1, o = this.props != e;
			if (r.__.some(function(e) {
				e.__N && (a = !0, oe(e.__[0], e.__N[0]) || (o = !0));
			}), i) {
				var s = i.call(this, e, t, n);
				return a ? s || o : s;
			}
			return !a || o;
		};
	}
	return r.__;
}
function H(e, t) {
	var n = ge(R++, 3);
	!B.__s && Te(n.__H, t) && (n.__P = !0, n.__ = e, n.u = t, z.__H.__h.push(n));
}
function ve(e, t) {
	var n = ge(R++, 4);
	!B.__s && Te(n.__H, t) && (n.__P = !1, n.__ = e, n.u = t, z.__h.push(n));
}
function U(e) {
	return se = 5, ye(function() {
		return { current: e };
	}, []);
}
function ye(e, t) {
	var n = ge(R++, 7);
	return Te(n.__H, t) && (n.__ = e(), n.__H = t), n.__;
}
function be() {
	var e;
	do {
		for (; e = le.shift();) try {
			W(e);
		} catch (t) {
			B.__e(t, { __: (e = e.__P) && e.__v });
		}
		for (; e = ce.shift();) {
			var t = e.__H;
			if (e.__P && t) try {
				t.__h.some(W), t.__h.some(we), t.__h = [];
			} catch (n) {
				t.__h = [], B.__e(n, e.__v);
			}
		}
	} while (le.length);
}
B.__b = function(e) {
	z = null, ue && ue(e);
}, B.__ = function(e, t) {
	e && t.__k && t.__k.__m && (e.__m = t.__k.__m), he && he(e, t);
}, B.__r = function(e) {
	de && de(e), R = 0;
	var t = (z = e.__c).__H;
	t && (ie == z ? z.__h = [] : (t.__h.some(W), t.__h.some(we), R = 0), t.__h = [], t.__.some(function(e) {
		e.__N && (e.__ = e.__N), e.u = e.__N = void 0;
	})), ie = z;
}, B.diffed = function(e) {
	fe && fe(e);
	var t = e.__c;
	t && t.__H && (t.__H.__h.length && Ce(ce.push(t)), t.__H.__.some(function(e) {
		e.u && (e.__H = e.u);
	})), ie = z = null;
}, B.__c = function(e, t) {
	t.some(function(e) {
		try {
			e.__h.some(W), e.__h = e.__h.filter(function(e) {
				return !e.__ || we(e);
			});
		} catch (t) {
			e.__h = [function() {
				throw t;
			}];
		}
	}), pe && pe(e, t);
}, B.unmount = function(e) {
	me && me(e);
	var t, n, r = e.__c;
	r && r.__H && (r.__H.__.some(function(r) {
		try {
			if (r.__P && r.__c) {
				if (n === void 0) {
					for (n = e.__; n && (!n.__c || !n.__c.__P);) n = n.__;
					n &&= n.__c;
				}
				r.__P = n, Ce(le.push(r));
			} else W(r);
		} catch (e) {
			t = e;
		}
	}), r.__H = void 0, t && B.__e(t, r.__v));
};
var xe = typeof requestAnimationFrame == "function";
function Se(e) {
	var t, n = function() {
		clearTimeout(r), xe && cancelAnimationFrame(t), setTimeout(e);
	}, r = setTimeout(n, 35);
	xe && (t = requestAnimationFrame(n));
}
function Ce(e) {
	e != 1 && ae == B.requestAnimationFrame || ((ae = B.requestAnimationFrame) || Se)(be);
}
function W(e) {
	var t = z, n = e.__c;
	typeof n == "function" && (e.__c = void 0, n()), z = t;
}
function we(e) {
	var t = z;
	e.__c = e.__(), z = t;
}
function Te(e, t) {
	return !e || e.length != t.length || t.some(function(t, n) {
		return !oe(t, e[n]);
	});
}
function Ee(e, t) {
	return typeof t == "function" ? t(e) : t;
}
// src/stepper/arrays.ts
function G(e) {
	let t = [];
	for (let n = e; Array.isArray(n); n = n[0] ?? 0) t.push(n.length);
	return {
		shape: t,
		data: Ae(e)
	};
}
function De(e) {
	let [t, ...n] = e.shape;
	if (t === void 0) return e.data[0] ?? null;
	let r = e.data.length / t;
	return Array.from({ length: t }, (t, i) => De({
		shape: n,
		data: e.data.slice(i * r, (i + 1) * r)
	}));
}
var Oe = (e) => ({
	shape: e.shape,
	data: [...e.data]
});
function ke([e, t, n]) {
	let r = [];
	for (let i = e; n > 0 ? i < t : i > t; i += n) r.push(i);
	return r;
}
function K(e, t) {
	return t.reduce((t, n, r) => {
		let i = e[r] ?? 1;
		return t.flatMap((e) => ke(n).map((t) => e * i + t));
	}, [0]);
}
function q(e, t, n) {
	let r = Math.max(e.shape.length, t.shape.length), [i, a] = [e, t].map((e) => [...Array(r - e.shape.length).fill(1), ...e.shape]), o = i.map((e, t) => e === 1 ? a[t] ?? 1 : e), s = K(o, o.map((e) => [
		0,
		e,
		1
	])), c = (e, t) => {
		let [n, i, a] = [
			0,
			1,
			e
		];
		for (let e = r - 1; e >= 0; e--) {
			let [r, s] = [o[e] ?? 1, t[e] ?? 1];
			s > 1 && (n += a % r * i), i *= s, a = Math.floor(a / r);
		}
		return n;
	};
	return {
		shape: o,
		data: s.map((r) => n(e.data[c(r, i)] ?? NaN, t.data[c(r, a)] ?? NaN))
	};
}
function Ae(e) {
	return Array.isArray(e) ? e.flatMap(Ae) : [e ?? NaN];
}
// node_modules/preact/jsx-runtime/dist/jsxRuntime.mjs
var je = Symbol.for("pv"), Me = 0;
Array.isArray;
function J(t, n, r, i, a, o) {
	n ||= {};
	var s, c, l = n;
	if ("ref" in l && typeof t != "function") for (c in l = {}, n) c == "ref" ? s = n[c] : l[c] = n[c];
	var u = {
		type: t,
		props: l,
		key: r,
		ref: s,
		__k: null,
		__: null,
		__b: 0,
		__e: null,
		__c: null,
		constructor: je,
		__v: --Me,
		__i: -1,
		__u: 0
	};
	return (a || o) && (u.__source = a, u.__self = o), e.vnode && e.vnode(u), u;
}
// src/stepper/Grid.tsx
function Ne(e) {
	return Number.isNaN(e) ? "·" : Number.isFinite(e) ? (Math.abs(e) >= 1e5 || e !== 0 && Math.abs(e) < 1e-4 ? e.toExponential(1) : String(Math.round(e * 1e4) / 1e4)).replace("-", "−") : e > 0 ? "∞" : "−∞";
}
var Pe = 4;
function Fe({ title: e, array: t, axes: n = [], ...r }) {
	let [i, a] = [t.shape.at(-2) ?? 1, t.shape.at(-1) ?? 1], o = t.shape.slice(0, -2);
	return /* @__PURE__ */ J("div", {
		class: "planes",
		children: Array.from({ length: t.data.length / (i * a || 1) }, (e, t) => t).map((s) => {
			let c = [e, ...Ie(s, o, n)].join(", ");
			return /* @__PURE__ */ J("table", {
				class: `grid ${r.kind ?? "operand"}`,
				"aria-label": c,
				...a > Pe ? { tabIndex: 0 } : {},
				children: [/* @__PURE__ */ J("caption", { children: c }), /* @__PURE__ */ J("tbody", { children: Array.from({ length: i }, (e, n) => /* @__PURE__ */ J("tr", { children: Array.from({ length: a }, (e, o) => /* @__PURE__ */ J(Le, {
					place: (s * i + n) * a + o,
					name: `${c}, row ${n}, column ${o}`,
					array: t,
					...r
				})) })) })]
			});
		})
	});
}
function Ie(e, t, n) {
	let r = e, i = [];
	for (let e = t.length - 1; e >= 0; e--) {
		let a = t[e] ?? 1;
		a > 1 && i.unshift(`${n[n.length - t.length + e] ?? "plane"} ${r % a}`), r = Math.floor(r / a);
	}
	return i;
}
function Le({ place: e, name: t, array: n, marked: r, known: i, onChange: a }) {
	let o = n.data[e] ?? NaN, s = [r?.has(e) ? "marked" : "", i && !i.has(e) ? "unknown" : ""].join(" ").trim();
	return a ? /* @__PURE__ */ J("td", {
		class: s,
		children: /* @__PURE__ */ J("input", {
			type: "number",
			step: "any",
			"aria-label": t,
			value: Number.isFinite(o) ? Math.round(o * 1e4) / 1e4 : "",
			onChange: (t) => {
				let n = t.currentTarget.valueAsNumber;
				Number.isFinite(n) ? a(e, n) : t.currentTarget.value = String(o);
			}
		})
	}) : /* @__PURE__ */ J("td", {
		class: s,
		children: Ne(o)
	});
}
// src/stepper/rules.ts
var Y = (e, t) => ({
	shape: e.shape,
	data: e.data.map(t)
}), Re = (e) => ({
	shape: [],
	data: [e]
}), ze = (e) => Re(e.data.reduce((e, t) => e + t)), Be = (e, t) => e * t;
function Ve(e) {
	return e.data.reduce((t, n, r) => n > (e.data[t] ?? NaN) ? r : t, 0);
}
function He(e) {
	let t = e.data.reduce((e, t) => e + t);
	return Y(e, (e) => e / t);
}
function Ue(e, t) {
	let n = Math.abs(e);
	return n <= 1 ? ((t + 2) * n - (t + 3)) * n * n + 1 : n < 2 ? t * (((n - 5) * n + 8) * n - 4) : 0;
}
function We(e) {
	return Number.isInteger(e) ? +(e === 0) : Math.sin(Math.PI * e) / (Math.PI * e);
}
var X = (e, t) => {
	let n = e[t];
	if (n === void 0) throw Error(`a step has no input '${t}'`);
	return n;
}, Ge = {
	copy: (e) => X(e, "values"),
	scale: (e) => q(X(e, "value"), X(e, "kernel"), Be),
	dot: (e) => ze(q(X(e, "values"), X(e, "weights"), Be)),
	sum: (e) => ze(X(e, "values")),
	product: (e) => q(X(e, "first"), X(e, "second"), Be),
	difference: (e) => q(X(e, "first"), X(e, "second"), (e, t) => e - t),
	max: (e) => Re(X(e, "values").data[Ve(X(e, "values"))] ?? NaN),
	"index-of-max": (e) => Re(X(e, "indices").data[Ve(X(e, "values"))] ?? NaN),
	"floor-divide": (e) => q(X(e, "value"), X(e, "divisor"), (e, t) => Math.floor(e / t)),
	remainder: (e) => q(X(e, "value"), X(e, "divisor"), (e, t) => e - Math.floor(e / t) * t),
	exp: (e) => q(X(e, "values"), X(e, "shift"), (e, t) => Math.exp(e - t)),
	tanh: (e) => Y(X(e, "values"), Math.tanh),
	sigmoid: (e) => Y(X(e, "values"), (e) => (1 + Math.tanh(e / 2)) / 2),
	absolute: (e) => Y(X(e, "values"), Math.abs),
	divide: (e) => q(X(e, "values"), X(e, "total"), (e, t) => e / t),
	"log-loss": (e) => Y(X(e, "probabilities"), (e) => -Math.log(e)),
	mean: (e) => Re((ze(X(e, "values")).data[0] ?? NaN) / X(e, "values").data.length),
	"linear-weights": (e) => He(Y(X(e, "distances"), (e) => Math.max(0, 1 - Math.abs(e)))),
	"cubic-weights": (e) => He(Y(X(e, "distances"), (t) => Ue(t, X(e, "a").data[0] ?? NaN))),
	"lanczos-weights": (e) => {
		let t = X(e, "lobes").data[0] ?? NaN;
		return He(Y(X(e, "distances"), (e) => Math.abs(e) < t ? We(e) * We(e / t) : 0));
	}
}, Ke = (e) => e.map((e) => [
	0,
	e,
	1
]);
function qe(e, t, n = e.steps.length) {
	let r = new Map(t);
	for (let t of e.stages) r.set(t.name, G(t.values));
	let i = [];
	for (let t of e.steps.slice(0, n)) {
		let e = Je(t, r), n = Oe(r.get(t.stage)), a = e.result.data;
		K(n.shape, t.index.length ? t.index : Ke(n.shape)).forEach((e, r) => {
			let i = a[a.length === 1 ? 0 : r] ?? NaN;
			n.data[e] = t.adds ? (n.data[e] ?? NaN) + i : i;
		}), r.set(t.stage, n), i.push(e);
	}
	return {
		arrays: r,
		steps: i
	};
}
function Je(e, t) {
	let n = Object.fromEntries(Object.entries(e.inputs).map(([e, n]) => [e, Ye(n, t)]));
	n.shift?.data.length === 1 && n.values && (n.shift = {
		...n.shift,
		data: [Math.max(...n.values.data)]
	});
	let r = Ge[e.rule];
	if (r === void 0) throw Error(`unknown rule '${e.rule}'`);
	return {
		inputs: n,
		result: r(n)
	};
}
function Ye(e, t) {
	let n = G(e.values), r = e.read && t.get(e.read.array);
	if (!e.read || !r) return n;
	let i = K(r.shape, e.read.index).map((e) => r.data[e] ?? NaN), { order: a } = e.read;
	return a ? {
		shape: n.shape,
		data: a.map((e, t) => (e < 0 ? n.data[t] : i[e]) ?? NaN)
	} : i.length === n.data.length ? {
		shape: n.shape,
		data: i
	} : n;
}
function Xe(e) {
	return new Map(e.inputs.map((e) => [e.name, G(e.values)]));
}
// src/stepper/link.ts
function Ze(e, t) {
	let n = new URLSearchParams(e.replace(/^#/, "")), r = Number(n.get("step")), i = Xe(t);
	for (let e of t.inputs) {
		let t = Qe(n.get(e.name)), r = i.get(e.name);
		e.editable && t && r && t.shape.join() === r.shape.join() && i.set(e.name, t);
	}
	return {
		step: Number.isInteger(r) && r >= 0 && r <= t.steps.length ? r : 0,
		inputs: i
	};
}
function Qe(e) {
	if (e === null) return null;
	try {
		let t = G(JSON.parse(e)), n = t.shape.reduce((e, t) => e * t, 1);
		return t.data.length === n && t.data.every(Number.isFinite) ? t : null;
	} catch {
		return null;
	}
}
function $e({ step: e, inputs: t }, n) {
	let r = new URLSearchParams({ step: String(e) });
	for (let [e, i] of Xe(n)) {
		let n = t.get(e);
		n && n.data.some((e, t) => e !== i.data[t]) && r.set(e, JSON.stringify(De(n)));
	}
	return `#${r}`;
}
// src/stepper/options.ts
function et(e, t, n) {
	let r = { ...e.values };
	for (let [i, { shape: a, from: o }] of Object.entries(e.origins)) {
		let e = o.map(([e, n]) => t.get(e)?.data[n] ?? NaN);
		o.some(([t, r], i) => n.get(t)?.data[r] !== e[i]) && (r[i] = tt(e, a));
	}
	return r;
}
function tt(e, [t, n, r]) {
	let i = (t) => e.slice(t * r, (t + 1) * r).join(" "), a = (e) => Array.from({ length: n }, (t, r) => i(e * n + r)).join("; ");
	return Array.from({ length: t }, (e, t) => a(t)).join(" | ");
}
function nt(e, t) {
	return Object.fromEntries(Object.entries(t).filter(([t, n]) => n !== "" && n !== rt(e.options[t]?.default)));
}
var rt = (e) => e === !0 ? "yes" : e === !1 ? "no" : String(e ?? ""), it = "/api/v1";
async function Z(e) {
	let t = await e.catch((e) => {
		throw e instanceof TypeError ? Error(ot) : e;
	});
	if (t.ok) return t;
	let n = await t.json().catch(() => null), r = n && typeof n == "object" && "error" in n ? String(n.error) : `The server answered ${t.status}.`;
	throw Error(r);
}
async function at(e) {
	await Z(fetch(`${it}/jobs/${e}`, { method: "DELETE" }));
}
var ot = "The server does not answer; if it ended, start it again, and try once more.", st = (e) => `${it}/jobs/${e}/result`;
// src/studio/download.ts
function ct(e, t) {
	let n = URL.createObjectURL(e);
	Object.assign(document.createElement("a"), {
		href: n,
		download: t
	}).click(), setTimeout(() => URL.revokeObjectURL(n), 1e4);
}
// src/stepper/ServerParts.tsx
var lt = 200, ut = {
	svg: "SVG",
	png: "PNG",
	gif: "animated GIF",
	"step-svg": "SVG with buttons"
}, dt = 24;
function ft({ operation: e, server: t, texts: n }) {
	let [r, i] = V({}), [a, o] = V(""), s = {
		...n,
		...r
	}, c = async () => {
		let n = `/explain/${e}?${new URLSearchParams(nt(t, s))}`;
		try {
			await Z(fetch(n)), location.assign(n);
		} catch (e) {
			o(e.message);
		}
	};
	return /* @__PURE__ */ J("details", {
		open: Object.keys(nt(t, t.values)).length > 0,
		children: [
			/* @__PURE__ */ J("summary", { children: "Options" }),
			/* @__PURE__ */ J("form", {
				class: "options",
				onSubmit: (e) => (e.preventDefault(), void c()),
				children: [Object.entries(t.options).map(([e, { type: t, description: n }]) => /* @__PURE__ */ J("label", {
					class: s[e].length > dt ? "wide" : "",
					children: [/* @__PURE__ */ J("span", { children: [
						e,
						" ",
						/* @__PURE__ */ J("small", { children: n.replaceAll("`", "") })
					] }), t === "boolean" ? /* @__PURE__ */ J("input", {
						type: "checkbox",
						checked: s[e] === "yes",
						onChange: (t) => i({
							...r,
							[e]: t.currentTarget.checked ? "yes" : "no"
						})
					}) : /* @__PURE__ */ J("input", {
						value: s[e],
						spellcheck: !1,
						onInput: (t) => i({
							...r,
							[e]: t.currentTarget.value
						})
					})]
				})), /* @__PURE__ */ J("button", {
					type: "submit",
					children: "Show with these options"
				})]
			}),
			a && /* @__PURE__ */ J("p", {
				class: "error",
				role: "alert",
				children: a
			})
		]
	});
}
var pt = () => /* @__PURE__ */ J("nav", { children: [
	/* @__PURE__ */ J("a", {
		href: "/",
		children: "Studio"
	}),
	" ",
	/* @__PURE__ */ J("a", {
		href: "/explain",
		children: "All operations"
	})
] });
function mt({ operation: e, server: t, texts: n }) {
	let [r, i] = V(null), [a, o] = V(""), s = async (r) => {
		o("");
		try {
			let a = new FormData();
			a.set("form", r), a.set("options", JSON.stringify(nt(t, n)));
			let o = await (await Z(fetch(`${it}/explain/${e}/drawing`, {
				method: "POST",
				body: a
			}))).json();
			for (i(o); o.state === "waiting" || o.state === "running";) await new Promise((e) => setTimeout(e, lt)), o = await (await Z(fetch(`${it}/jobs/${o.id}`))).json();
			if (o.state !== "done") throw Error(o.error || "The drawing was canceled.");
			ct(await (await Z(fetch(st(o.id)))).blob(), o.name), await at(o.id);
		} catch (e) {
			o(e.message);
		}
		i(null);
	};
	return /* @__PURE__ */ J("section", { children: [
		/* @__PURE__ */ J("h2", { children: "Save the drawing" }),
		/* @__PURE__ */ J("div", {
			class: "tabs",
			role: "group",
			"aria-label": "Save the drawing as",
			children: [
				Object.entries(ut).map(([e, t]) => /* @__PURE__ */ J("button", {
					type: "button",
					disabled: r !== null,
					onClick: () => void s(e),
					children: t
				})),
				r && /* @__PURE__ */ J("span", {
					role: "status",
					children: "Drawing …"
				}),
				r && /* @__PURE__ */ J("button", {
					type: "button",
					onClick: () => void at(r.id),
					children: "Cancel"
				})
			]
		}),
		a && /* @__PURE__ */ J("p", {
			class: "error",
			role: "alert",
			children: a
		})
	] });
}
// src/stepper/Stepper.tsx
var ht = {
	scale: "×",
	dot: "×",
	product: "×",
	difference: "−",
	divide: "÷",
	"floor-divide": "÷",
	remainder: "mod",
	exp: "−"
}, gt = {
	dot: "sum of products",
	sum: "sum",
	max: "largest",
	"index-of-max": "index of the largest",
	mean: "mean",
	exp: "exp of the difference",
	tanh: "tanh",
	sigmoid: "sigmoid",
	absolute: "without sign",
	"log-loss": "−log",
	copy: "copy",
	"linear-weights": "linear weights",
	"cubic-weights": "cubic weights",
	"lanczos-weights": "Lanczos weights",
	remainder: "remainder",
	"floor-divide": "rounded down"
}, _t = 900;
function vt({ trace: e, isPage: t = !0 }) {
	let n = ye(() => Ze(t ? location.hash : "", e), [e]), r = U(null), [i, a] = V(n.step), [o, s] = V(n.inputs), [c, l] = V(!1), u = e.steps.length, { server: d } = e, f = ye(() => qe(e, o, i), [
		e,
		o,
		i
	]), p = ye(() => Xe(e), [e]), m = [...p].some(([e, t]) => t.data.some((t, n) => t !== o.get(e)?.data[n]));
	H(() => {
		if (t) try {
			history.replaceState(null, "", $e({
				step: i,
				inputs: o
			}, e));
		} catch {}
	}, [i, o]), H(() => {
		if (!c) return;
		let e = setInterval(() => a((e) => Math.min(u, e + 1)), _t);
		return () => clearInterval(e);
	}, [c]), H(() => {
		i === u && l(!1);
	}, [i]), H(() => {
		let e = (e) => {
			if (e.target instanceof HTMLInputElement || e.ctrlKey || e.metaKey || e.altKey) return;
			let t = {
				ArrowLeft: -1,
				ArrowRight: 1,
				Home: -u,
				End: u
			}[e.key];
			t !== void 0 && (e.preventDefault(), a((e) => Math.max(0, Math.min(u, e + t))));
		}, n = t ? window : r.current;
		return n.addEventListener("keydown", e), () => n.removeEventListener("keydown", e);
	}, []);
	let h = (e) => (t, n) => {
		let r = Oe(o.get(e));
		r.data[t] = n, s(new Map(o).set(e, r));
	}, g = e.steps[i - 1];
	return /* @__PURE__ */ J("main", {
		ref: r,
		children: [
			d && /* @__PURE__ */ J(pt, {}),
			/* @__PURE__ */ J("h1", { children: e.title }),
			/* @__PURE__ */ J("p", { children: e.idea }),
			d && /* @__PURE__ */ J(ft, {
				operation: e.operation,
				server: d,
				texts: et(d, o, p)
			}),
			/* @__PURE__ */ J("div", {
				class: "controls",
				role: "group",
				"aria-label": "Steps",
				children: [
					/* @__PURE__ */ J("button", {
						type: "button",
						onClick: () => a(0),
						disabled: i === 0,
						"aria-label": "First",
						children: "|◀"
					}),
					/* @__PURE__ */ J("button", {
						type: "button",
						onClick: () => a(i - 1),
						disabled: i === 0,
						"aria-label": "Back",
						children: "◀"
					}),
					/* @__PURE__ */ J("button", {
						type: "button",
						onClick: () => (i === u && a(0), l(!c)),
						children: c ? "Pause" : "Play"
					}),
					/* @__PURE__ */ J("button", {
						type: "button",
						onClick: () => a(i + 1),
						disabled: i === u,
						"aria-label": "Forward",
						children: "▶"
					}),
					/* @__PURE__ */ J("button", {
						type: "button",
						onClick: () => a(u),
						disabled: i === u,
						"aria-label": "Last",
						children: "▶|"
					}),
					/* @__PURE__ */ J("input", {
						type: "range",
						min: 0,
						max: u,
						value: i,
						"aria-label": "Step",
						onInput: (e) => a(e.currentTarget.valueAsNumber)
					}),
					/* @__PURE__ */ J("output", {
						"aria-live": "polite",
						children: i === 0 ? "Start" : `Step ${i} of ${u}`
					})
				]
			}),
			/* @__PURE__ */ J("section", { children: [
				/* @__PURE__ */ J("h2", { children: ["Inputs", m && /* @__PURE__ */ J("button", {
					type: "button",
					onClick: () => s(p),
					children: "Reset the numbers"
				})] }),
				e.inputs.some((e) => e.editable) && /* @__PURE__ */ J("p", { children: "Change the numbers here; the steps follow. The arrow keys step." }),
				/* @__PURE__ */ J("div", {
					class: "row",
					children: e.inputs.map((e) => /* @__PURE__ */ J(Fe, {
						title: e.title,
						array: o.get(e.name),
						axes: e.axes,
						kind: "read",
						marked: xt(g, e.name, o.get(e.name)),
						...e.editable ? { onChange: h(e.name) } : {}
					}))
				})
			] }),
			g && /* @__PURE__ */ J(Ct, {
				step: g,
				computed: f.steps[i - 1],
				text: m ? "" : g.text
			}),
			/* @__PURE__ */ J("section", { children: [/* @__PURE__ */ J("h2", { children: "Results" }), e.stages.map((t) => {
				let n = f.arrays.get(t.name), r = g?.stage === t.name;
				return /* @__PURE__ */ J(Fe, {
					title: t.title,
					array: n,
					axes: t.axes,
					kind: r ? "written" : "read",
					marked: r ? bt(g, n) : xt(g, t.name, n),
					known: St(e, t.name, n, i)
				});
			})] }),
			d && /* @__PURE__ */ J(mt, {
				operation: e.operation,
				server: d,
				texts: et(d, o, p)
			}),
			e.command && /* @__PURE__ */ J(wt, {
				code: e.code,
				command: e.command,
				changed: m
			})
		]
	});
}
var yt = (e) => e.shape.map((e) => [
	0,
	e,
	1
]);
function bt(e, t) {
	return new Set(K(t.shape, e.index.length ? e.index : yt(t)));
}
function xt(e, t, n) {
	let r = Object.values(e?.inputs ?? {}).flatMap((e) => e.read?.array === t ? [e.read] : []);
	return new Set(r.flatMap((e) => K(n.shape, e.index)));
}
function St(e, t, n, r) {
	return G(e.stages.find((e) => e.name === t).values).data.some((e) => e !== 0) ? new Set(n.data.keys()) : new Set(e.steps.slice(0, r).flatMap((e) => e.stage === t ? [...bt(e, n)] : []));
}
function Ct({ step: e, computed: t, text: n }) {
	let r = Object.keys(e.inputs);
	return /* @__PURE__ */ J("section", { children: [
		/* @__PURE__ */ J("h2", { children: "This step" }),
		n && /* @__PURE__ */ J("p", { children: n }),
		/* @__PURE__ */ J("div", {
			class: "row flow",
			children: [
				r.map((n, r) => /* @__PURE__ */ J(y, { children: [r === 1 && /* @__PURE__ */ J("span", {
					class: "sign",
					children: ht[e.rule] ?? ","
				}), /* @__PURE__ */ J(Fe, {
					title: e.inputs[n].label,
					array: t.inputs[n],
					kind: "operand"
				})] })),
				/* @__PURE__ */ J("span", {
					class: "sign",
					children: gt[e.rule] ? `${gt[e.rule]} =` : "="
				}),
				t.result.data.length === 1 ? /* @__PURE__ */ J("strong", { children: Ne(t.result.data[0] ?? NaN) }) : /* @__PURE__ */ J(Fe, {
					title: "result",
					array: t.result,
					kind: "written"
				}),
				e.adds && /* @__PURE__ */ J("span", {
					class: "sign",
					children: "added to what is there"
				})
			]
		})
	] });
}
function wt({ code: e, command: t, changed: n }) {
	let [r, i] = V(Object.keys(e)[0] ?? "");
	return /* @__PURE__ */ J("section", { children: [
		/* @__PURE__ */ J("h2", { children: "Code" }),
		n && /* @__PURE__ */ J("p", { children: "The programs have the original numbers." }),
		/* @__PURE__ */ J("div", {
			class: "tabs",
			role: "group",
			"aria-label": "Library",
			children: Object.keys(e).map((e) => /* @__PURE__ */ J("button", {
				type: "button",
				"aria-pressed": e === r,
				onClick: () => i(e),
				children: e
			}))
		}),
		r && /* @__PURE__ */ J("pre", {
			tabIndex: 0,
			children: e[r]
		}),
		/* @__PURE__ */ J("pre", {
			tabIndex: 0,
			children: t
		})
	] });
}
// src/studio/Problem.tsx
function Tt({ text: e }) {
	return e ? /* @__PURE__ */ J("p", {
		class: "error",
		role: "alert",
		children: e
	}) : null;
}
// src/studio/viewer/gestures.ts
var Et = 4, Dt = 500;
function Ot(e, t) {
	let n = /* @__PURE__ */ new Map(), r = {
		x: 0,
		y: 0
	}, i = !1, a = null, o = (t) => {
		let { left: n, top: r } = e.getBoundingClientRect();
		return {
			x: t.clientX - n,
			y: t.clientY - r
		};
	}, s = (s) => {
		s.button !== 0 || s.target.closest("button") || (e.setPointerCapture(s.pointerId), n.set(s.pointerId, o(s)), r = o(s), i = n.size === 1, n.size > 1 && a && a(r, !0), a = n.size === 1 ? t().hold(r) : null, a?.(r, !1));
	}, c = (e) => {
		let s = n.get(e.pointerId);
		if (!s) return;
		let c = o(e);
		Math.hypot(c.x - r.x, c.y - r.y) > Et && (i = !1);
		let u = [...n].find(([t]) => t !== e.pointerId)?.[1];
		n.set(e.pointerId, c), a ? a(c, !1) : u ? l(s, c, u) : i || t().move(c.x - s.x, c.y - s.y);
	}, l = (e, n, r) => {
		let i = (e) => Math.max(1, Math.hypot(e.x - r.x, e.y - r.y));
		t().move((n.x - e.x) / 2, (n.y - e.y) / 2), t().zoom(i(n) / i(e), {
			x: (n.x + r.x) / 2,
			y: (n.y + r.y) / 2
		});
	}, u = (e) => {
		n.delete(e.pointerId) && (a ? a(o(e), !0) : i && e.type === "pointerup" && t().tap(o(e)), a = null);
	}, d = [
		["pointerdown", s],
		["pointermove", c],
		["pointerup", u],
		["pointercancel", u],
		["wheel", (e) => {
			let n = e.deltaMode === 1 ? 16 : 1;
			t().zoom(Math.exp(-e.deltaY * n / Dt), o(e)) && e.preventDefault();
		}],
		["dblclick", (e) => t().zoom(2, o(e))]
	];
	for (let [t, n] of d) e.addEventListener(t, n, { passive: !1 });
	return () => d.forEach(([t, n]) => e.removeEventListener(t, n));
}
// src/studio/viewer/tiles.ts
var kt = 4, At = 64, jt = (e) => typeof e == "string" ? e : `${e.job} ${e.of}`, Mt = class e {
	size;
	url;
	changed;
	kept = /* @__PURE__ */ new Map();
	failed = /* @__PURE__ */ new Set();
	wanted = [];
	loading = /* @__PURE__ */ new Set();
	isClosed = !1;
	constructor(e, t, n) {
		this.size = e, this.url = t, this.changed = n;
	}
	static async open(t, n) {
		if (typeof t != "string") {
			let r = `/api/v1/jobs/${t.job}`, i = await (await Z(fetch(`${r}/levels?of=${t.of}`))).json();
			return new e(i, (e) => `${r}/tile?of=${t.of}&${e}`, n);
		}
		let r = await Pt(t), i = new e({
			width: r.width,
			height: r.height,
			tile: Math.max(r.width, r.height),
			levels: 1
		}, () => t, n);
		return i.kept.set(Nt(0, 0, 0), r), i;
	}
	close() {
		this.isClosed = !0, this.kept.forEach((e) => e.close()), this.kept.clear();
	}
	get isReady() {
		return this.kept.has(Nt(this.size.levels - 1, 0, 0));
	}
	draw(e, t, n, r) {
		let i = Math.min(this.size.levels - 1, Math.max(0, Math.floor(Math.log2(1 / n) + .01)));
		this.wanted = [], e.save(), e.beginPath(), e.rect(t.x, t.y, t.width, t.height), e.clip(), e.imageSmoothingEnabled = r;
		let a = this.visible(i, e.canvas, t, n).filter(([e]) => !this.kept.has(e));
		for (let r = a.length ? this.size.levels - 1 : i; r >= i; r--) {
			let a = r === i || r === this.size.levels - 1;
			for (let [i, o, s] of this.visible(r, e.canvas, t, n)) {
				let c = this.kept.get(i);
				a && this.wanted.push(i), c && this.put(e, c, t, n * 2 ** r, o, s);
			}
		}
		e.restore(), this.load();
	}
	put(e, t, n, r, i, a) {
		let [o, s] = [i * this.size.tile, a * this.size.tile], c = (e, t) => Math.round(e + t * r), [l, u] = [c(n.x, o), c(n.y, s)];
		e.drawImage(t, l, u, c(n.x, o + t.width) - l, c(n.y, s + t.height) - u);
	}
	visible(e, t, n, r) {
		let i = this.size.tile * r * 2 ** e, a = (t, n, r) => {
			let a = Math.max(0, Math.floor(-t / i)), o = Math.min(Math.ceil(n / (this.size.tile * 2 ** e)), Math.ceil((r - t) / i));
			return Array.from({ length: Math.max(0, o - a) }, (e, t) => a + t);
		}, o = a(n.x, this.size.width, t.width);
		return a(n.y, this.size.height, t.height).flatMap((t) => o.map((n) => [
			Nt(e, n, t),
			n,
			t
		]));
	}
	load() {
		for (let e of this.wanted) {
			if (this.loading.size >= kt) return;
			this.kept.has(e) || this.loading.has(e) || this.failed.has(e) || this.fetch(e);
		}
	}
	async fetch(e) {
		this.loading.add(e);
		try {
			let t = await Pt(this.url(e));
			this.isClosed ? t.close() : this.kept.set(e, t);
		} catch {
			this.failed.add(e);
		}
		this.loading.delete(e), this.isClosed || (this.forget(), this.changed());
	}
	forget() {
		let e = Math.max(At, 2 * this.wanted.length);
		for (let [t, n] of this.kept) {
			if (this.kept.size <= e) return;
			this.wanted.includes(t) || t.startsWith(`level=${this.size.levels - 1}&`) || (this.kept.delete(t), n.close());
		}
	}
}, Nt = (e, t, n) => `level=${e}&x=${t}&y=${n}`;
async function Pt(e) {
	return createImageBitmap(await (await Z(fetch(e))).blob());
}
// src/studio/viewer/layers.ts
function Ft(e, t, n) {
	let [r, i] = V(null), [a, o] = V(""), s = U(null), c = e === void 0 ? "" : jt(e), l = (e) => {
		s.current?.close(), s.current = e, i(e);
	};
	return H(() => {
		if (e === void 0 && l(null), e === void 0 || !t) return;
		let r = !1;
		return Mt.open(e, n).then((e) => {
			r ? e.close() : (o(""), l(e));
		}, (e) => r || o(e.message)), () => {
			r = !0;
		};
	}, [c, t]), H(() => () => s.current?.close(), []), [r, a];
}
// src/studio/viewer/view.ts
var It = 32, Lt = (e, t) => Math.min(t.width / e.width, t.height / e.height), Rt = (e, t) => ({
	x: e.width / 2,
	y: e.height / 2,
	scale: Lt(e, t)
});
function Q(e, t, n) {
	let r = Math.min(Lt(t, n), 1 / devicePixelRatio), i = Math.min(Math.max(e.scale, r), Math.max(It, Lt(t, n))), a = (e, t, n) => n >= t ? t / 2 : Math.min(Math.max(e, n / 2), t - n / 2);
	return {
		x: a(e.x, t.width, n.width / i),
		y: a(e.y, t.height, n.height / i),
		scale: i
	};
}
var zt = (e, t, n) => ({
	x: (n.x - e.x) * e.scale + t.width / 2,
	y: (n.y - e.y) * e.scale + t.height / 2
}), $ = (e, t, n) => ({
	x: (n.x - t.width / 2) / e.scale + e.x,
	y: (n.y - t.height / 2) / e.scale + e.y
});
function Bt(e, t, n, r, i) {
	let { scale: a } = Q({
		...e,
		scale: t
	}, r, i), o = $(e, i, n);
	return Q({
		x: o.x - (n.x - i.width / 2) / a,
		y: o.y - (n.y - i.height / 2) / a,
		scale: a
	}, r, i);
}
var Vt = (e, t, n, r, i) => Q({
	...e,
	x: e.x - t / e.scale,
	y: e.y - n / e.scale
}, r, i);
function Ht(e, t, n) {
	let r = $(e, n, {
		x: 0,
		y: 0
	}), i = $(e, n, {
		x: n.width,
		y: n.height
	}), [a, o] = [Math.max(0, Math.floor(r.x)), Math.max(0, Math.floor(r.y))];
	return {
		x: a,
		y: o,
		width: Math.min(t.width, Math.ceil(i.x)) - a,
		height: Math.min(t.height, Math.ceil(i.y)) - o
	};
}
// src/studio/viewer/paint.ts
function Ut(e, t, n) {
	let r = zt(e, n, {
		x: 0,
		y: 0
	}).x;
	return [Math.max(0, r), Math.min(n.width, r + t.width * e.scale)];
}
function Wt(e, t, n, r, i, a, o) {
	let s = devicePixelRatio, [c, l] = [Math.round(t.width * s), Math.round(t.height * s)];
	(e.width !== c || e.height !== l) && Object.assign(e, {
		width: c,
		height: l
	});
	let u = e.getContext("2d");
	if (!u) return;
	u.clearRect(0, 0, c, l);
	let d = o === null ? i : r;
	if (!d) return;
	let f = (e, r) => {
		let i = zt(n, t, r), a = n.scale * s, o = {
			x: Math.round(i.x * s),
			y: Math.round(i.y * s),
			width: r.width * a,
			height: r.height * a
		}, c = o.width / e.size.width;
		e.draw(u, o, c, Math.min(c, a) < 2);
	}, p = {
		x: 0,
		y: 0,
		width: d.size.width,
		height: d.size.height
	};
	if ((a || !i?.isReady) && f(d, p), i && f(i, a ?? p), o === null || !r || !i?.isReady) return;
	let [m, h] = Ut(n, d.size, t), g = Math.round((m + (h - m) * o / 100) * s);
	u.save(), u.beginPath(), u.rect(0, 0, g, l), u.clip(), u.clearRect(0, 0, g, l), f(r, p), u.restore(), Gt(u, g, l, s);
}
function Gt(e, t, n, r) {
	e.strokeStyle = "#fff", e.fillStyle = "#0b5394", e.lineWidth = 2 * r, e.shadowColor = "#000", e.shadowBlur = 3 * r, e.beginPath(), e.moveTo(t, 0), e.lineTo(t, n), e.stroke(), e.beginPath(), e.arc(t, n / 2, 9 * r, 0, 2 * Math.PI), e.fill(), e.stroke(), e.shadowBlur = 0;
}
// src/studio/Viewer.tsx
var Kt = 60, qt = 14;
function Jt({ before: e, after: t, name: n, place: r, border: i = 50, onTap: a, onStroke: o, onSeen: s, children: c }) {
	let l = U(null), u = U(null), d = U(null), f = U(0), p = U(() => {}), [m, h] = V({
		width: 0,
		height: 0
	}), [g, _] = V(!1), [v, y] = V(null), [b, x] = V(i), S = () => {
		f.current ||= requestAnimationFrame(() => (f.current = 0, p.current()));
	}, [C, w] = Ft(e, g, S), [T, ee] = Ft(t, g, S), E = (e === void 0 ? T : C)?.size ?? null, D = E ?? {
		width: 1,
		height: 1
	}, O = E && m.width ? v ? Q(v, D, m) : Rt(D, m) : null, k = (T && E && e !== void 0 ? Math.max(1, T.size.width / (r?.width ?? E.width)) : 1) / devicePixelRatio, A = O ? Math.round(100 * O.scale / k) : 100;
	p.current = () => {
		let t = u.current;
		t && O && Wt(t, m, O, C, T, r, e === void 0 ? null : b);
	}, ve(S), H(() => {
		O && s?.(Ht(O, D, m), D);
	}, [
		O?.x,
		O?.y,
		O?.scale,
		m,
		E
	]), H(() => {
		let e = l.current;
		if (!e) return;
		let t = new ResizeObserver(() => h({
			width: e.clientWidth,
			height: e.clientHeight
		})), n = new IntersectionObserver((e) => e.some((e) => e.isIntersecting) && _(!0));
		t.observe(e), n.observe(e);
		let r = Ot(e, () => d.current ?? Yt);
		return () => (t.disconnect(), n.disconnect(), r(), cancelAnimationFrame(f.current));
	}, []);
	let j = (e, t) => O && y((n) => Vt(n ? Q(n, D, m) : O, e, t, D, m)), M = (e, t) => O && y((n) => ((n) => Bt(n, n.scale * e, t, D, m))(n ? Q(n, D, m) : O)), N = (e, t = {
		x: m.width / 2,
		y: m.height / 2
	}) => O && y(Bt(O, e, t, D, m)), te = (e) => {
		if (!O) return;
		let [t, n] = Ut(O, D, m);
		x(Math.min(100, Math.max(0, 100 * (e.x - t) / (n - t))));
	};
	d.current = O && {
		move: j,
		zoom: (e, t) => (M(e, t), Bt(O, O.scale * e, t, D, m).scale !== O.scale),
		tap: (e) => {
			let { x: t, y: n } = $(O, m, e);
			t >= 0 && n >= 0 && t < D.width && n < D.height && a?.({
				x: Math.floor(t),
				y: Math.floor(n)
			});
		},
		hold: (t) => {
			let [n, r] = Ut(O, D, m);
			if (e !== void 0 && Math.abs(n + (r - n) * b / 100 - t.x) < qt) return te;
			if (!o) return null;
			let i = !0;
			return (e, t) => (o($(O, m, e), i, t), i = !1);
		}
	};
	let P = (e) => {
		if (!O || e.target !== e.currentTarget || e.ctrlKey || e.metaKey) return;
		let t = {
			ArrowLeft: () => j(Kt, 0),
			ArrowRight: () => j(-60, 0),
			ArrowUp: () => j(0, Kt),
			ArrowDown: () => j(0, -60),
			"+": () => N(O.scale * 1.25),
			"=": () => N(O.scale * 1.25),
			"-": () => N(O.scale / 1.25),
			0: () => y(null),
			1: () => N(k),
			2: () => N(2 * k)
		}[e.key];
		t && (e.preventDefault(), t());
	}, F = !v || O !== null && Math.abs(O.scale / Lt(D, m) - 1) < 1e-6;
	return /* @__PURE__ */ J("div", {
		class: "viewer",
		children: [
			/* @__PURE__ */ J("div", {
				class: "tabs",
				children: [
					/* @__PURE__ */ J("div", {
						class: "tabs",
						role: "group",
						"aria-label": "Size",
						children: [
							/* @__PURE__ */ J("button", {
								type: "button",
								"aria-pressed": F,
								onClick: () => y(null),
								children: "Fit"
							}),
							/* @__PURE__ */ J("button", {
								type: "button",
								"aria-pressed": !F && A === 100,
								onClick: () => N(k),
								children: "100 %"
							}),
							/* @__PURE__ */ J("button", {
								type: "button",
								"aria-pressed": !F && A === 200,
								onClick: () => N(2 * k),
								children: "200 %"
							}),
							/* @__PURE__ */ J("button", {
								type: "button",
								"aria-label": "Smaller",
								onClick: () => O && N(O.scale / 1.5),
								children: "−"
							}),
							/* @__PURE__ */ J("button", {
								type: "button",
								"aria-label": "Larger",
								onClick: () => O && N(O.scale * 1.5),
								children: "+"
							})
						]
					}),
					O && /* @__PURE__ */ J("span", {
						class: "note zoom",
						children: [A, " %"]
					}),
					e !== void 0 && /* @__PURE__ */ J("label", {
						class: "border",
						children: ["Border between before and after", /* @__PURE__ */ J("input", {
							type: "range",
							min: 0,
							max: 100,
							step: .5,
							value: b,
							onInput: (e) => x(e.currentTarget.valueAsNumber)
						})]
					})
				]
			}),
			/* @__PURE__ */ J(Tt, { text: w || ee }),
			/* @__PURE__ */ J("div", {
				ref: l,
				class: `stage ${a || o ? "tool" : ""}`,
				tabIndex: 0,
				role: "group",
				"aria-label": `${n}: arrow keys move, + and - zoom, 0 fits`,
				"aria-busy": !T,
				style: { aspectRatio: E ? `${E.width} / ${E.height}` : "3" },
				onKeyDown: P,
				"data-source": jt(t),
				children: [/* @__PURE__ */ J("canvas", {
					ref: u,
					role: "img",
					"aria-label": e === void 0 ? n : `${n}, before and after`
				}), O && c?.((e) => zt(O, m, e))]
			})
		]
	});
}
var Yt = {
	move: () => {},
	zoom: () => !1,
	tap: () => {},
	hold: () => null
}, Xt = ":root,:host{--lightningcss-light:initial;--lightningcss-dark: ;color-scheme:light dark;--line:var(--lightningcss-light,#9a9a9a)var(--lightningcss-dark,#6c6c6c);--soft:var(--lightningcss-light,#eee)var(--lightningcss-dark,#2b2b2b);--read:#0072b2;--written:#d55e00}@media (prefers-color-scheme:dark){:root,:host{--lightningcss-light: ;--lightningcss-dark:initial}}*{box-sizing:border-box}body{color:var(--lightningcss-light,#111)var(--lightningcss-dark,#eee);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);max-width:72rem;margin:0 auto;padding:1rem;font:16px/1.5 system-ui,sans-serif}h1{margin:0 0 .3rem;line-height:1.2}h2{flex-wrap:wrap;align-items:center;gap:1rem;margin:1.2rem 0 .4rem;font-size:1.1rem;display:flex}p{max-width:46rem;margin:.3rem 0}button{font:inherit;border:1px solid var(--line);min-height:2.2rem;color:inherit;cursor:pointer;background:var(--lightningcss-light,#eee)var(--lightningcss-dark,#2b2b2b);border-radius:.35rem;padding:.25rem .7rem}button:disabled{opacity:.45;cursor:default}button[aria-pressed=true]{outline:2px solid var(--read)}:focus-visible{outline-offset:1px;outline:3px solid highlight}.controls{z-index:1;background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);flex-wrap:wrap;align-items:center;gap:.4rem;padding:.5rem 0;display:flex;position:sticky;top:0}.controls input{flex:8rem;min-width:6rem}.row,.planes,.tabs{flex-wrap:wrap;align-items:flex-end;gap:.8rem;display:flex}.flow{align-items:center}.planes{max-width:100%;margin-bottom:.6rem}.sign{opacity:.85}.grid{border-collapse:collapse;max-width:100%;display:block;overflow-x:auto}.grid caption{text-align:left;padding-bottom:.15rem;font-size:.85rem;display:block}.grid td{border:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums;min-width:2.6rem;height:2rem;padding:0 .35rem;font-size:.9rem}.grid td.unknown{color:#0000}.read td.marked{background:color-mix(in srgb, var(--read) 25%, transparent);box-shadow:inset 0 0 0 2px var(--read)}.written td.marked{background:color-mix(in srgb, var(--written) 25%, transparent);box-shadow:inset 0 0 0 2px var(--written)}.grid input{font:inherit;width:3.4rem;height:1.9rem;color:inherit;text-align:right;appearance:textfield;background:0 0;border:0}@media print{.controls,button{display:none}}nav{gap:1.2rem;margin-bottom:.6rem;display:flex}.options{flex-wrap:wrap;align-items:end;gap:.6rem 1.2rem;margin:.5rem 0;display:flex}.options label{gap:.2rem;max-width:20rem;display:grid}.options label.wide{flex:24rem;max-width:none}.options small{opacity:.85;display:block}.options input:not([type=checkbox]){font:inherit;width:100%;min-width:0;color:inherit;border:1px solid var(--line);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#1e1e1e);border-radius:.35rem;padding:.25rem .4rem}.options input[type=checkbox]{justify-self:start;width:1.2rem;height:1.2rem}body{max-width:90rem}header{flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:1rem;display:flex}nav{flex-wrap:wrap;gap:.2rem 1.2rem;display:flex}nav a{padding:.4rem 0}nav a[aria-current]{font-weight:600;text-decoration-thickness:.2rem}a{color:var(--lightningcss-light,#0b5394)var(--lightningcss-dark,#8ec5ff)}.drop{border:2px dashed var(--line);text-align:center;cursor:pointer;border-radius:.6rem;justify-items:center;gap:.6rem;margin:1rem 0;padding:1.4rem;display:grid}.drop.over{border-color:var(--read);background:var(--soft)}article{border:1px solid var(--line);border-radius:.6rem;margin:1rem 0;padding:.8rem 1rem}article h2 button{font-size:1rem;font-weight:400}article h2{overflow-wrap:anywhere;justify-content:space-between;margin-top:0}ul{margin:.3rem 0;padding-left:1.2rem}.settings{flex-wrap:wrap;align-items:end;gap:.8rem 1.2rem;margin:.8rem 0 .4rem;display:flex}.settings label{gap:.2rem;font-size:.9rem;display:grid}select{font:inherit;max-width:100%;color:inherit;border:1px solid var(--line);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#1e1e1e);border-radius:.35rem;padding:.35rem}.main{color:var(--lightningcss-light,#fff)var(--lightningcss-dark,#111);background:var(--lightningcss-light,#0b5394)var(--lightningcss-dark,#8ec5ff);border-color:#0000;font-weight:600}.card,.note{font-size:.9rem}.error{border-left:.3rem solid #c0392b;padding-left:.7rem}th{text-align:left;padding-right:1rem;font-weight:500}td,th{vertical-align:top;overflow-wrap:anywhere;font-size:.9rem}.tabs{flex-wrap:wrap;align-items:center;gap:.6rem;margin:.5rem 0;display:flex}.border{flex-wrap:wrap;flex:14rem;align-items:center;gap:.5rem;font-size:.9rem;display:flex}.border input{flex:8rem}.stage{border:1px solid var(--line);background:var(--soft);touch-action:none;cursor:grab;-webkit-user-select:none;user-select:none;width:100%;min-height:12rem;max-height:75vh;position:relative;overflow:hidden}.stage:active{cursor:grabbing}.stage.tool{cursor:crosshair}.stage canvas{width:100%;height:100%;position:absolute;inset:0}.stage .frame{outline-offset:-1px;pointer-events:none;border:2px dashed #fff;outline:2px dashed #000;position:absolute}.stage .map{opacity:.5;pointer-events:none;position:absolute}.stage .map canvas{image-rendering:auto}.hint{touch-action:none;cursor:move;border:2px solid #fff;border-radius:50%;width:1.5rem;height:1.5rem;min-height:0;margin:-.75rem 0 0 -.75rem;padding:0;position:absolute;box-shadow:0 0 0 1px #000,0 0 4px #000}.hint[aria-pressed=true]{outline-offset:1px;outline:3px solid highlight}.palette{flex-wrap:wrap;gap:.3rem;display:flex}.swatch{width:2.2rem;height:2.2rem;padding:0}.swatch[aria-pressed=true]{outline-offset:1px;outline:3px solid highlight}.hidden{opacity:0;width:1px;height:1px;position:absolute}label.button,a.button{border:1px solid var(--line);cursor:pointer;background:var(--lightningcss-light,#eee)var(--lightningcss-dark,#2b2b2b);border-radius:.35rem;align-items:center;min-height:2.2rem;padding:.25rem .7rem;display:inline-flex}label.button:focus-within{outline-offset:1px;outline:3px solid highlight}.settings label.check{align-items:center;gap:.4rem;min-height:2.2rem;display:flex}.settings input[type=number]{font:inherit;width:6.5rem;color:inherit;border:1px solid var(--line);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#1e1e1e);border-radius:.35rem;padding:.25rem .4rem}.settings input[type=color]{width:4rem;height:2.2rem;padding:.1rem}.batch{border-left:.3rem solid var(--read);margin:1rem 0;padding:.1rem 0 .1rem .8rem}pre{background:var(--soft);border-radius:.35rem;padding:.6rem .8rem;font-size:.85rem;overflow-x:auto}progress{vertical-align:middle}.scroll{max-width:100%;overflow:auto}.fields :is(td,th){overflow-wrap:normal;padding-right:.8rem}:host{color:var(--lightningcss-light,#111)var(--lightningcss-dark,#eee);font:15px/1.5 system-ui,sans-serif;display:block}:host>div{background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);padding:.3rem}.controls{position:static}img{max-width:100%}";
// src/notebook/main.tsx
function Zt({ name: e, curve: t, samples: n }) {
	let [r, i] = V(n.length - 1), a = n[r];
	return /* @__PURE__ */ J(y, { children: [
		/* @__PURE__ */ J("h2", { children: e }),
		t && /* @__PURE__ */ J("p", { children: /* @__PURE__ */ J("img", {
			src: t.url,
			alt: "loss and first metric by step"
		}) }),
		a && /* @__PURE__ */ J(y, { children: [/* @__PURE__ */ J("label", {
			class: "border",
			children: [
				"Sample ",
				a.name,
				/* @__PURE__ */ J("input", {
					type: "range",
					min: 0,
					max: n.length - 1,
					value: r,
					onInput: (e) => i(e.currentTarget.valueAsNumber)
				})
			]
		}), /* @__PURE__ */ J("p", { children: /* @__PURE__ */ J("img", {
			src: a.url,
			alt: `source, result and target, ${a.name}`
		}) })] })
	] });
}
function Qt({ kind: e, data: t, files: n }) {
	let [r, i] = n;
	return e === "trace" ? /* @__PURE__ */ J(vt, {
		trace: t,
		isPage: !1
	}) : e === "run" ? /* @__PURE__ */ J(Zt, {
		name: t.name,
		curve: n.find((e) => e.name === "curve.svg"),
		samples: n.filter((e) => e.name !== "curve.svg")
	}) : r && i ? /* @__PURE__ */ J(Jt, {
		before: r.url,
		after: i.url,
		name: t.name
	}) : r ? /* @__PURE__ */ J("img", {
		src: r.url,
		alt: t.name
	}) : null;
}
function $t({ model: e, el: t }) {
	let n = t.attachShadow({ mode: "open" }), r = document.createElement("style");
	r.textContent = Xt;
	let i = document.createElement("div");
	n.append(r, i);
	let a = e.get("contents"), o = e.get("files").map(({ name: e, type: t }, n) => ({
		name: e,
		url: URL.createObjectURL(new Blob([a[n]], { type: t }))
	}));
	return L(/* @__PURE__ */ J(Qt, {
		kind: e.get("kind"),
		data: e.get("data"),
		files: o
	}), i), () => {
		L(null, i);
		for (let { url: e } of o) URL.revokeObjectURL(e);
	};
}
var en = { render: $t };
export { en as default };
