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
	s && ((n = g({ constructor: u }, r)).__v = r.__v + 1, e.vnode && e.vnode(n), j(s, n, r, t.__n, s.namespaceURI, 32 & r.__u ? [i] : null, a, i || x(r), 32 & r.__u, o), n.__v = r.__v, n.__.__k[n.__i] = n, N(a, n, o), r.__ = r.__e = null, n.__e != i && C(n));
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
	for (c = E(n, t, y, c, b), p = 0; p < b; p++) (h = n.__k[p]) != null && (m = ~h.__i && y[h.__i] || d, h.__i = p, v = j(e, h, m, i, a, o, s, c, l, u), g = h.__e, (m.ref != h.ref || 8 & m.__u) && (m.ref && P(m.ref, null, h, m), h.ref && u.push(h.ref, h.__c || g, h)), _ ||= g, 4 & h.__u ? (c = D(h, c, e, !m.__v), m.__e && (m.__e = null)) : typeof h.type == "function" && v !== void 0 ? c = v : g && (c = g.nextSibling), h.__u &= -21);
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
	if (_) for (a = 0; a < g; a++) !(s = n[a]) || 2 & s.__u || (s.__e == r && (r = x(s)), ie(s, s));
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
	} else if (t[0] == "o" && t[1] == "n") typeof n != "function" && (n = null), typeof r != "function" && (r = null), (e.__e ||= {})[t] = n, n && r || (o = l[t] || (l[t] = te(t)), (e.__a ||= {})[t] = c, a = t != (t = t.replace(s, "$1")), (t = t.slice(2))[0] < "a" && (t = t.toLowerCase()), n ? e.addEventListener(t, o, a) : e.removeEventListener(t, o, a));
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
function te(t) {
	return function(n) {
		var r = this.__e;
		if (r) {
			if (r = r[t], n[o] == null) n[o] = c++;
			else if (n[o] < this.__a[t]) return;
			return r(e.event ? e.event(n) : n);
		}
	};
}
function j(t, n, r, i, a, o, s, c, l, d) {
	var p, h, v, S, C, w, T, E, D, O, k, A, te, j, N, P, F, I, L = n.type;
	if (n.constructor !== u) return null;
	128 & r.__u && (l = 32 & r.__u, p = r.__c.__z) && (n.__u |= l, h = o = [], p.nodeType == 8 ? c = M(p, o) : o.push(p), c = o[0] || c), (p = e.__b) && p(n);
	e: if (typeof L == "function") {
		v = s.length;
		try {
			if (E = n.props, D = (p = L.prototype) && p.render, O = (p = L.contextType) && i[p.__c], k = p ? O ? O.props.value : p.__ : i, (S = r.__c) ? (n.__c = S, 2 & S.__g && (S.__g |= 1)) : (D ? n.__c = S = new L(E, k) : (n.__c = S = new b(E, k), S.constructor = L, S.render = ae), O && O.sub(S), S.state || (S.state = {}), S.__n = i, S.__g |= 8, S.__h = [], S.__k = []), D && (S.__s || (S.__s = S.state), L.getDerivedStateFromProps && (S.__s == S.state && (S.__s = g({}, S.__s)), g(S.__s, L.getDerivedStateFromProps(E, S.__s)))), C = S.props, w = S.state, S.__v = n, r.__c) {
				if (E !== C && D && !L.getDerivedStateFromProps && S.componentWillReceiveProps && S.componentWillReceiveProps(E, k), n.__v == r.__v && !(8 & S.__g) || !(4 & S.__g) && S.shouldComponentUpdate && !1 === S.shouldComponentUpdate(E, S.__s, k)) {
					n.__v != r.__v && (S.props = E, S.state = S.__s, S.__g &= -9), n.__e = r.__e, n.__k = r.__k, n.__k.some(function(e) {
						e && (e.__ = n);
					}), f.push.apply(S.__h, S.__k), S.__k = [], S.__h.length && s.push(S), c = x(r);
					break e;
				}
				S.componentWillUpdate && S.componentWillUpdate(E, S.__s, k), D && S.componentDidUpdate && S.__h.push(function() {
					S.componentDidUpdate(C, w, T);
				});
			} else D && !L.getDerivedStateFromProps && S.componentWillMount && S.componentWillMount(), D && S.componentDidMount && S.__h.push(S.componentDidMount);
			S.context = k, S.props = E, S.__P = t, S.__g &= -5, A = e.__r, te = D ? 25 : 0;
			do
				S.__g &= -9, A && A(n), p = S.render(S.props, S.state = S.__s, S.context);
			while (8 & S.__g && ++te < 25);
			D && (f.push.apply(S.__h, S.__k), S.__k = []), S.state = S.__s, S.getChildContext && (i = g({}, i, S.getChildContext())), D && r.__c && S.getSnapshotBeforeUpdate && (T = S.getSnapshotBeforeUpdate(C, w)), j = p && p.type === y && p.key == null ? p.props.children : p, E.__P && (p = c, a = (t = E.__P).namespaceURI, l = o = null, r.props && r.props.__P != t && (r.__k.some(function(e) {
				e && ie(e, e);
			}), r.__k = null), c = r.__k ? x(r, 0) : null), c = ee(t, m(j) ? j : [j], n, r, i, a, o, s, c, l, d), E.__P && (n.__e = null, c = p), n.__u &= -161, h && h.some(_), S.__h.length && s.push(S), 1 & S.__g && (S.__g &= -4);
		} catch (t) {
			if (s.length = v, n.__v = null, l || o) {
				if (t && t.then) {
					if (n.__u |= 128 | l, o) {
						for (~(F = o.indexOf(c || void 0)) || (F = o.length); (I = o[F - 1]) && I.nodeType == 8;) F--;
						for (; F < o.length; F++) if (I = o[F]) {
							if (o[F] = null, N) {
								if (I == P) break;
							} else {
								if (I.nodeType != 8) break;
								I.data.startsWith("$s") && (P = M(N = I));
							}
						}
					}
					if (!N) {
						for (; c && c.nodeType == 8 && c.nextSibling;) c = c.nextSibling;
						N = c;
					}
					(p = M(N = n.__c.__z || (n.__c.__z = N))) ? (n.__e = N, c = p) : n.__e = c, c &&= c.nextSibling;
				} else o && o.some(_);
			} else n.__e = r.__e;
			n.__k ||= r.__k || [], t && t.then || ne(n), e.__e(t, n, r);
		}
	} else c = n.__e = re(r.__e, n, r, i, a, o, s, l, d, t);
	return (p = e.diffed) && p(n), c;
}
function M(e, t) {
	if (e && e.nodeType == 8 && e.data.startsWith("$s")) for (var n = 1; e = e.nextSibling;) {
		if (e.nodeType == 8) {
			if (e.data.startsWith("$s")) n++;
			else if (e.data.startsWith("/$s") && !--n) return e;
		}
		t && t.push(e);
	}
}
function ne(e) {
	e && (e.__c && (e.__c.__g |= 4), e.__k && e.__k.some(ne));
}
function N(t, n, r) {
	for (var i = 0; i < r.length;) P(r[i++], r[i++], r[i++]);
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
function re(t, n, r, i, a, o, s, c, l, u) {
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
function P(t, n, r, i) {
	try {
		typeof t == "function" ? n ? n.__x = t(n) || 1 : (i &&= i.__c || i.__e) && (n = i.__x) && (i.__x = null, typeof n == "function" ? n() : t(null)) : t.current = n;
	} catch (t) {
		e.__e(t, r);
	}
}
function ie(t, n, r) {
	var i, a, o, s;
	if (e.unmount && e.unmount(t), !(i = t.ref) || i.current && i.current != t.__e || P(i, null, n, t), i = t.__c) {
		if (i.componentWillUnmount) try {
			i.componentWillUnmount();
		} catch (t) {
			e.__e(t, n);
		}
		i.__P = i.__n = null;
	}
	if (i = t.__k) for (s = 0; s < i.length; s++) i[s] && ie(i[s], n, typeof t.type != "function" || r && !t.props.__P);
	!r && (i = t.__c) && (i = i.__z) && (a = M(i, o = [])) && (i == t.__e && o.some(_), _(a), _(i)), r || _(t.__e), t.__e = t.__c = t.__ = null;
}
function ae(e, t, n) {
	return this.constructor(e, n);
}
function F(t, n) {
	var r, i, a, o;
	e.__ && e.__(t, n), n.nodeType == 9 && (n = n.documentElement), i = (r = t && 32 & t.__u) ? null : n.__k, n.__k = v(y, { children: [t] }), a = [], o = [], j(n, n.__k, i || d, d, n.namespaceURI, i ? null : n.firstChild ? h.call(n.childNodes) : null, a, i ? i.__e : n.firstChild, r, o), N(a, n.__k, o), n.__k.props.children = null;
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
var I, L, oe, se, ce = Object.is, R = 0, le = [], z = [], B = e, ue = B.__b, de = B.__r, fe = B.diffed, pe = B.__c, me = B.unmount, he = B.__;
function ge(e, t) {
	B.__h && B.__h(L, e, R || t), R = 0;
	var n = L.__H || (L.__H = {
		__: [],
		__h: []
	});
	return e >= n.__.length && n.__.push({}), n.__[e];
}
function V(e) {
	return R = 1, _e(Te, e);
}
function _e(e, t, n) {
	var r = ge(I++, 2);
	if (r.t = e, !r.__c && (r.__ = [n ? n(t) : Te(void 0, t), function(e) {
		var t = (r.__N || r.__)[0], n = r.t(t, e);
		ce(t, n) || (r.__N = [n, r.__[1]], r.__c.setState({}));
	}], r.__c = L, !L.__f)) {
		L.__f = !0;
		var i = L.shouldComponentUpdate;
		L.shouldComponentUpdate = function(e, t, n) {
			var r = this.__H;
			if (!r) return !0;
			var a = !1, o = this.props != e;
			if (r.__.some(function(e) {
				e.__N && (a = !0, ce(e.__[0], e.__N[0]) || (o = !0));
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
	var n = ge(I++, 3);
	!B.__s && we(n.__H, t) && (n.__P = !0, n.__ = e, n.u = t, L.__H.__h.push(n));
}
function ve(e) {
	return R = 5, U(function() {
		return { current: e };
	}, []);
}
function U(e, t) {
	var n = ge(I++, 7);
	return we(n.__H, t) && (n.__ = e(), n.__H = t), n.__;
}
function ye() {
	var e;
	do {
		for (; e = z.shift();) try {
			W(e);
		} catch (t) {
			B.__e(t, { __: (e = e.__P) && e.__v });
		}
		for (; e = le.shift();) {
			var t = e.__H;
			if (e.__P && t) try {
				t.__h.some(W), t.__h.some(Ce), t.__h = [];
			} catch (n) {
				t.__h = [], B.__e(n, e.__v);
			}
		}
	} while (z.length);
}
B.__b = function(e) {
	L = null, ue && ue(e);
}, B.__ = function(e, t) {
	e && t.__k && t.__k.__m && (e.__m = t.__k.__m), he && he(e, t);
}, B.__r = function(e) {
	de && de(e), I = 0;
	var t = (L = e.__c).__H;
	t && (oe == L ? L.__h = [] : (t.__h.some(W), t.__h.some(Ce), I = 0), t.__h = [], t.__.some(function(e) {
		e.__N && (e.__ = e.__N), e.u = e.__N = void 0;
	})), oe = L;
}, B.diffed = function(e) {
	fe && fe(e);
	var t = e.__c;
	t && t.__H && (t.__H.__h.length && Se(le.push(t)), t.__H.__.some(function(e) {
		e.u && (e.__H = e.u);
	})), oe = L = null;
}, B.__c = function(e, t) {
	t.some(function(e) {
		try {
			e.__h.some(W), e.__h = e.__h.filter(function(e) {
				return !e.__ || Ce(e);
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
				r.__P = n, Se(z.push(r));
			} else W(r);
		} catch (e) {
			t = e;
		}
	}), r.__H = void 0, t && B.__e(t, r.__v));
};
var be = typeof requestAnimationFrame == "function";
function xe(e) {
	var t, n = function() {
		clearTimeout(r), be && cancelAnimationFrame(t), setTimeout(e);
	}, r = setTimeout(n, 35);
	be && (t = requestAnimationFrame(n));
}
function Se(e) {
	e != 1 && se == B.requestAnimationFrame || ((se = B.requestAnimationFrame) || xe)(ye);
}
function W(e) {
	var t = L, n = e.__c;
	typeof n == "function" && (e.__c = void 0, n()), L = t;
}
function Ce(e) {
	var t = L;
	e.__c = e.__(), L = t;
}
function we(e, t) {
	return !e || e.length != t.length || t.some(function(t, n) {
		return !ce(t, e[n]);
	});
}
function Te(e, t) {
	return typeof t == "function" ? t(e) : t;
}
// src/stepper/arrays.ts
function G(e) {
	let t = [];
	for (let n = e; Array.isArray(n); n = n[0] ?? 0) t.push(n.length);
	return {
		shape: t,
		data: ke(e)
	};
}
function Ee(e) {
	let [t, ...n] = e.shape;
	if (t === void 0) return e.data[0] ?? null;
	let r = e.data.length / t;
	return Array.from({ length: t }, (t, i) => Ee({
		shape: n,
		data: e.data.slice(i * r, (i + 1) * r)
	}));
}
var De = (e) => ({
	shape: e.shape,
	data: [...e.data]
});
function Oe([e, t, n]) {
	let r = [];
	for (let i = e; n > 0 ? i < t : i > t; i += n) r.push(i);
	return r;
}
function K(e, t) {
	return t.reduce((t, n, r) => {
		let i = e[r] ?? 1;
		return t.flatMap((e) => Oe(n).map((t) => e * i + t));
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
function ke(e) {
	return Array.isArray(e) ? e.flatMap(ke) : [e ?? NaN];
}
// node_modules/preact/jsx-runtime/dist/jsxRuntime.mjs
var Ae = Symbol.for("pv"), je = 0;
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
		constructor: Ae,
		__v: --je,
		__i: -1,
		__u: 0
	};
	return (a || o) && (u.__source = a, u.__self = o), e.vnode && e.vnode(u), u;
}
// src/stepper/Grid.tsx
function Me(e) {
	return Number.isNaN(e) ? "·" : Number.isFinite(e) ? (Math.abs(e) >= 1e5 || e !== 0 && Math.abs(e) < 1e-4 ? e.toExponential(1) : String(Math.round(e * 1e4) / 1e4)).replace("-", "−") : e > 0 ? "∞" : "−∞";
}
var Ne = 4;
function Y({ title: e, array: t, axes: n = [], ...r }) {
	let [i, a] = [t.shape.at(-2) ?? 1, t.shape.at(-1) ?? 1], o = t.shape.slice(0, -2);
	return /* @__PURE__ */ J("div", {
		class: "planes",
		children: Array.from({ length: t.data.length / (i * a || 1) }, (e, t) => t).map((s) => {
			let c = [e, ...Pe(s, o, n)].join(", ");
			return /* @__PURE__ */ J("table", {
				class: `grid ${r.kind ?? "operand"}`,
				"aria-label": c,
				...a > Ne ? { tabIndex: 0 } : {},
				children: [/* @__PURE__ */ J("caption", { children: c }), /* @__PURE__ */ J("tbody", { children: Array.from({ length: i }, (e, n) => /* @__PURE__ */ J("tr", { children: Array.from({ length: a }, (e, o) => /* @__PURE__ */ J(Fe, {
					place: (s * i + n) * a + o,
					name: `${c}, row ${n}, column ${o}`,
					array: t,
					...r
				})) })) })]
			});
		})
	});
}
function Pe(e, t, n) {
	let r = e, i = [];
	for (let e = t.length - 1; e >= 0; e--) {
		let a = t[e] ?? 1;
		a > 1 && i.unshift(`${n[n.length - t.length + e] ?? "plane"} ${r % a}`), r = Math.floor(r / a);
	}
	return i;
}
function Fe({ place: e, name: t, array: n, marked: r, known: i, onChange: a }) {
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
		children: Me(o)
	});
}
// src/stepper/rules.ts
var X = (e, t) => ({
	shape: e.shape,
	data: e.data.map(t)
}), Z = (e) => ({
	shape: [],
	data: [e]
}), Ie = (e) => Z(e.data.reduce((e, t) => e + t)), Le = (e, t) => e * t;
function Re(e) {
	return e.data.reduce((t, n, r) => n > (e.data[t] ?? NaN) ? r : t, 0);
}
function ze(e) {
	let t = e.data.reduce((e, t) => e + t);
	return X(e, (e) => e / t);
}
function Be(e, t) {
	let n = Math.abs(e);
	return n <= 1 ? ((t + 2) * n - (t + 3)) * n * n + 1 : n < 2 ? t * (((n - 5) * n + 8) * n - 4) : 0;
}
function Ve(e) {
	return Number.isInteger(e) ? +(e === 0) : Math.sin(Math.PI * e) / (Math.PI * e);
}
var Q = (e, t) => {
	let n = e[t];
	if (n === void 0) throw Error(`a step has no input '${t}'`);
	return n;
}, He = {
	copy: (e) => Q(e, "values"),
	scale: (e) => q(Q(e, "value"), Q(e, "kernel"), Le),
	dot: (e) => Ie(q(Q(e, "values"), Q(e, "weights"), Le)),
	sum: (e) => Ie(Q(e, "values")),
	product: (e) => q(Q(e, "first"), Q(e, "second"), Le),
	difference: (e) => q(Q(e, "first"), Q(e, "second"), (e, t) => e - t),
	max: (e) => Z(Q(e, "values").data[Re(Q(e, "values"))] ?? NaN),
	"index-of-max": (e) => Z(Q(e, "indices").data[Re(Q(e, "values"))] ?? NaN),
	"floor-divide": (e) => q(Q(e, "value"), Q(e, "divisor"), (e, t) => Math.floor(e / t)),
	remainder: (e) => q(Q(e, "value"), Q(e, "divisor"), (e, t) => e - Math.floor(e / t) * t),
	exp: (e) => q(Q(e, "values"), Q(e, "shift"), (e, t) => Math.exp(e - t)),
	tanh: (e) => X(Q(e, "values"), Math.tanh),
	sigmoid: (e) => X(Q(e, "values"), (e) => (1 + Math.tanh(e / 2)) / 2),
	absolute: (e) => X(Q(e, "values"), Math.abs),
	divide: (e) => q(Q(e, "values"), Q(e, "total"), (e, t) => e / t),
	"log-loss": (e) => X(Q(e, "probabilities"), (e) => -Math.log(e)),
	mean: (e) => Z((Ie(Q(e, "values")).data[0] ?? NaN) / Q(e, "values").data.length),
	"linear-weights": (e) => ze(X(Q(e, "distances"), (e) => Math.max(0, 1 - Math.abs(e)))),
	"cubic-weights": (e) => ze(X(Q(e, "distances"), (t) => Be(t, Q(e, "a").data[0] ?? NaN))),
	"lanczos-weights": (e) => {
		let t = Q(e, "lobes").data[0] ?? NaN;
		return ze(X(Q(e, "distances"), (e) => Math.abs(e) < t ? Ve(e) * Ve(e / t) : 0));
	}
}, Ue = (e) => e.map((e) => [
	0,
	e,
	1
]);
function We(e, t, n = e.steps.length) {
	let r = new Map(t);
	for (let t of e.stages) r.set(t.name, G(t.values));
	let i = [];
	for (let t of e.steps.slice(0, n)) {
		let e = Ge(t, r), n = De(r.get(t.stage)), a = e.result.data;
		K(n.shape, t.index.length ? t.index : Ue(n.shape)).forEach((e, r) => {
			let i = a[a.length === 1 ? 0 : r] ?? NaN;
			n.data[e] = t.adds ? (n.data[e] ?? NaN) + i : i;
		}), r.set(t.stage, n), i.push(e);
	}
	return {
		arrays: r,
		steps: i
	};
}
function Ge(e, t) {
	let n = Object.fromEntries(Object.entries(e.inputs).map(([e, n]) => [e, Ke(n, t)]));
	n.shift?.data.length === 1 && n.values && (n.shift = {
		...n.shift,
		data: [Math.max(...n.values.data)]
	});
	let r = He[e.rule];
	if (r === void 0) throw Error(`unknown rule '${e.rule}'`);
	return {
		inputs: n,
		result: r(n)
	};
}
function Ke(e, t) {
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
function $(e) {
	return new Map(e.inputs.map((e) => [e.name, G(e.values)]));
}
// src/stepper/link.ts
function qe(e, t) {
	let n = new URLSearchParams(e.replace(/^#/, "")), r = Number(n.get("step")), i = $(t);
	for (let e of t.inputs) {
		let t = Je(n.get(e.name)), r = i.get(e.name);
		e.editable && t && r && t.shape.join() === r.shape.join() && i.set(e.name, t);
	}
	return {
		step: Number.isInteger(r) && r >= 0 && r <= t.steps.length ? r : 0,
		inputs: i
	};
}
function Je(e) {
	if (e === null) return null;
	try {
		let t = G(JSON.parse(e)), n = t.shape.reduce((e, t) => e * t, 1);
		return t.data.length === n && t.data.every(Number.isFinite) ? t : null;
	} catch {
		return null;
	}
}
function Ye({ step: e, inputs: t }, n) {
	let r = new URLSearchParams({ step: String(e) });
	for (let [e, i] of $(n)) {
		let n = t.get(e);
		n && n.data.some((e, t) => e !== i.data[t]) && r.set(e, JSON.stringify(Ee(n)));
	}
	return `#${r}`;
}
// src/stepper/Stepper.tsx
var Xe = {
	scale: "×",
	dot: "×",
	product: "×",
	difference: "−",
	divide: "÷",
	"floor-divide": "÷",
	remainder: "mod",
	exp: "−"
}, Ze = {
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
}, Qe = 900;
function $e({ trace: e, isPage: t = !0 }) {
	let n = U(() => qe(t ? location.hash : "", e), [e]), r = ve(null), [i, a] = V(n.step), [o, s] = V(n.inputs), [c, l] = V(!1), u = e.steps.length, d = U(() => We(e, o, i), [
		e,
		o,
		i
	]), f = U(() => $(e), [e]), p = [...f].some(([e, t]) => t.data.some((t, n) => t !== o.get(e)?.data[n]));
	H(() => {
		if (t) try {
			history.replaceState(null, "", Ye({
				step: i,
				inputs: o
			}, e));
		} catch {}
	}, [i, o]), H(() => {
		if (!c) return;
		let e = setInterval(() => a((e) => Math.min(u, e + 1)), Qe);
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
	let m = (e) => (t, n) => {
		let r = De(o.get(e));
		r.data[t] = n, s(new Map(o).set(e, r));
	}, h = e.steps[i - 1];
	return /* @__PURE__ */ J("main", {
		ref: r,
		children: [
			/* @__PURE__ */ J("h1", { children: e.title }),
			/* @__PURE__ */ J("p", { children: e.idea }),
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
				/* @__PURE__ */ J("h2", { children: ["Inputs", p && /* @__PURE__ */ J("button", {
					type: "button",
					onClick: () => s(f),
					children: "Reset the numbers"
				})] }),
				e.inputs.some((e) => e.editable) && /* @__PURE__ */ J("p", { children: "Change the numbers here; the steps follow. The arrow keys step." }),
				/* @__PURE__ */ J("div", {
					class: "row",
					children: e.inputs.map((e) => /* @__PURE__ */ J(Y, {
						title: e.title,
						array: o.get(e.name),
						axes: e.axes,
						kind: "read",
						marked: nt(h, e.name, o.get(e.name)),
						...e.editable ? { onChange: m(e.name) } : {}
					}))
				})
			] }),
			h && /* @__PURE__ */ J(it, {
				step: h,
				computed: d.steps[i - 1],
				text: p ? "" : h.text
			}),
			/* @__PURE__ */ J("section", { children: [/* @__PURE__ */ J("h2", { children: "Results" }), e.stages.map((t) => {
				let n = d.arrays.get(t.name), r = h?.stage === t.name;
				return /* @__PURE__ */ J(Y, {
					title: t.title,
					array: n,
					axes: t.axes,
					kind: r ? "written" : "read",
					marked: r ? tt(h, n) : nt(h, t.name, n),
					known: rt(e, t.name, n, i)
				});
			})] }),
			e.command && /* @__PURE__ */ J(at, {
				code: e.code,
				command: e.command,
				changed: p
			})
		]
	});
}
var et = (e) => e.shape.map((e) => [
	0,
	e,
	1
]);
function tt(e, t) {
	return new Set(K(t.shape, e.index.length ? e.index : et(t)));
}
function nt(e, t, n) {
	let r = Object.values(e?.inputs ?? {}).flatMap((e) => e.read?.array === t ? [e.read] : []);
	return new Set(r.flatMap((e) => K(n.shape, e.index)));
}
function rt(e, t, n, r) {
	return G(e.stages.find((e) => e.name === t).values).data.some((e) => e !== 0) ? new Set(n.data.keys()) : new Set(e.steps.slice(0, r).flatMap((e) => e.stage === t ? [...tt(e, n)] : []));
}
function it({ step: e, computed: t, text: n }) {
	let r = Object.keys(e.inputs);
	return /* @__PURE__ */ J("section", { children: [
		/* @__PURE__ */ J("h2", { children: "This step" }),
		n && /* @__PURE__ */ J("p", { children: n }),
		/* @__PURE__ */ J("div", {
			class: "row flow",
			children: [
				r.map((n, r) => /* @__PURE__ */ J(y, { children: [r === 1 && /* @__PURE__ */ J("span", {
					class: "sign",
					children: Xe[e.rule] ?? ","
				}), /* @__PURE__ */ J(Y, {
					title: e.inputs[n].label,
					array: t.inputs[n],
					kind: "operand"
				})] })),
				/* @__PURE__ */ J("span", {
					class: "sign",
					children: Ze[e.rule] ? `${Ze[e.rule]} =` : "="
				}),
				t.result.data.length === 1 ? /* @__PURE__ */ J("strong", { children: Me(t.result.data[0] ?? NaN) }) : /* @__PURE__ */ J(Y, {
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
function at({ code: e, command: t, changed: n }) {
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
// src/studio/Viewer.tsx
var ot = [
	"Fit",
	"100 %",
	"200 %"
];
function st({ before: e, after: t, name: n }) {
	let [r, i] = V(50), [a, o] = V("Fit"), [[s, c], l] = V([1, 1]), u = a === "Fit" ? `min(100%, calc(80vh * ${s / c}))` : `${s * parseInt(a) / 100 / devicePixelRatio}px`;
	return /* @__PURE__ */ J("div", {
		class: "viewer",
		children: [/* @__PURE__ */ J("div", {
			class: "tabs",
			role: "group",
			"aria-label": "Size",
			children: [ot.map((e) => /* @__PURE__ */ J("button", {
				type: "button",
				"aria-pressed": e === a,
				onClick: () => o(e),
				children: e
			})), /* @__PURE__ */ J("label", {
				class: "border",
				children: ["Border between before and after", /* @__PURE__ */ J("input", {
					type: "range",
					min: 0,
					max: 100,
					step: .5,
					value: r,
					onInput: (e) => i(e.currentTarget.valueAsNumber)
				})]
			})]
		}), /* @__PURE__ */ J("div", {
			class: "scroll",
			tabIndex: 0,
			"aria-label": `${n}, before and after`,
			role: "group",
			children: /* @__PURE__ */ J("div", {
				class: `pair ${a === "Fit" ? "" : "pixels"}`,
				style: { width: u },
				children: [
					/* @__PURE__ */ J("img", {
						src: t,
						alt: "after",
						onLoad: ({ currentTarget: e }) => l([e.naturalWidth, e.naturalHeight])
					}),
					/* @__PURE__ */ J("img", {
						class: "before",
						src: e,
						alt: "before",
						style: { clipPath: `inset(0 ${100 - r}% 0 0)` }
					}),
					/* @__PURE__ */ J("div", {
						class: "line",
						style: { left: `${r}%` }
					})
				]
			})
		})]
	});
}
// src/notebook/notebook.css?inline
var ct = ":root,:host{--lightningcss-light:initial;--lightningcss-dark: ;color-scheme:light dark;--line:var(--lightningcss-light,#9a9a9a)var(--lightningcss-dark,#6c6c6c);--soft:var(--lightningcss-light,#eee)var(--lightningcss-dark,#2b2b2b);--read:#0072b2;--written:#d55e00}@media (prefers-color-scheme:dark){:root,:host{--lightningcss-light: ;--lightningcss-dark:initial}}*{box-sizing:border-box}body{color:var(--lightningcss-light,#111)var(--lightningcss-dark,#eee);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);max-width:72rem;margin:0 auto;padding:1rem;font:16px/1.5 system-ui,sans-serif}h1{margin:0 0 .3rem;line-height:1.2}h2{flex-wrap:wrap;align-items:center;gap:1rem;margin:1.2rem 0 .4rem;font-size:1.1rem;display:flex}p{max-width:46rem;margin:.3rem 0}button{font:inherit;border:1px solid var(--line);min-height:2.2rem;color:inherit;cursor:pointer;background:var(--lightningcss-light,#eee)var(--lightningcss-dark,#2b2b2b);border-radius:.35rem;padding:.25rem .7rem}button:disabled{opacity:.45;cursor:default}button[aria-pressed=true]{outline:2px solid var(--read)}:focus-visible{outline-offset:1px;outline:3px solid highlight}.controls{z-index:1;background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);flex-wrap:wrap;align-items:center;gap:.4rem;padding:.5rem 0;display:flex;position:sticky;top:0}.controls input{flex:8rem;min-width:6rem}.row,.planes,.tabs{flex-wrap:wrap;align-items:flex-end;gap:.8rem;display:flex}.flow{align-items:center}.planes{max-width:100%;margin-bottom:.6rem}.sign{opacity:.85}.grid{border-collapse:collapse;max-width:100%;display:block;overflow-x:auto}.grid caption{text-align:left;padding-bottom:.15rem;font-size:.85rem;display:block}.grid td{border:1px solid var(--line);text-align:right;font-variant-numeric:tabular-nums;min-width:2.6rem;height:2rem;padding:0 .35rem;font-size:.9rem}.grid td.unknown{color:#0000}.read td.marked{background:color-mix(in srgb, var(--read) 25%, transparent);box-shadow:inset 0 0 0 2px var(--read)}.written td.marked{background:color-mix(in srgb, var(--written) 25%, transparent);box-shadow:inset 0 0 0 2px var(--written)}.grid input{font:inherit;width:3.4rem;height:1.9rem;color:inherit;text-align:right;appearance:textfield;background:0 0;border:0}@media print{.controls,button{display:none}}body{max-width:90rem}header{flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:1rem;display:flex}nav{flex-wrap:wrap;gap:.2rem 1.2rem;display:flex}nav a{padding:.4rem 0}nav a[aria-current]{font-weight:600;text-decoration-thickness:.2rem}a{color:var(--lightningcss-light,#0b5394)var(--lightningcss-dark,#8ec5ff)}.drop{border:2px dashed var(--line);text-align:center;cursor:pointer;border-radius:.6rem;justify-items:center;gap:.6rem;margin:1rem 0;padding:1.4rem;display:grid}.drop.over{border-color:var(--read);background:var(--soft)}article{border:1px solid var(--line);border-radius:.6rem;margin:1rem 0;padding:.8rem 1rem}article h2{overflow-wrap:anywhere;justify-content:space-between;margin-top:0}ul{margin:.3rem 0;padding-left:1.2rem}.settings{flex-wrap:wrap;align-items:end;gap:.8rem 1.2rem;margin:.8rem 0 .4rem;display:flex}.settings label{gap:.2rem;font-size:.9rem;display:grid}select{font:inherit;max-width:100%;color:inherit;border:1px solid var(--line);background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#1e1e1e);border-radius:.35rem;padding:.35rem}.main{color:var(--lightningcss-light,#fff)var(--lightningcss-dark,#111);background:var(--lightningcss-light,#0b5394)var(--lightningcss-dark,#8ec5ff);border-color:#0000;font-weight:600}.card,.note{font-size:.9rem}.error{border-left:.3rem solid #c0392b;padding-left:.7rem}th{text-align:left;padding-right:1rem;font-weight:500}td,th{vertical-align:top;overflow-wrap:anywhere;font-size:.9rem}.tabs{flex-wrap:wrap;align-items:center;gap:.6rem;margin:.5rem 0;display:flex}.border{flex-wrap:wrap;flex:14rem;align-items:center;gap:.5rem;font-size:.9rem;display:flex}.border input{flex:8rem}.scroll{border:1px solid var(--line);max-height:80vh;overflow:auto}.pair{line-height:0;position:relative}.pair img{width:100%}.pixels img{image-rendering:pixelated}.pair .before{height:100%;position:absolute;inset:0}.pair .line{pointer-events:none;border-left:2px solid #fff;position:absolute;top:0;bottom:0;box-shadow:0 0 3px #000}pre{background:var(--soft);border-radius:.35rem;padding:.6rem .8rem;font-size:.85rem;overflow-x:auto}progress{vertical-align:middle}:host{color:var(--lightningcss-light,#111)var(--lightningcss-dark,#eee);font:15px/1.5 system-ui,sans-serif;display:block}:host>div{background:var(--lightningcss-light,#fff)var(--lightningcss-dark,#121212);padding:.3rem}.controls{position:static}img{max-width:100%}";
// src/notebook/main.tsx
function lt({ name: e, curve: t, samples: n }) {
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
function ut({ kind: e, data: t, files: n }) {
	let [r, i] = n;
	return e === "trace" ? /* @__PURE__ */ J($e, {
		trace: t,
		isPage: !1
	}) : e === "run" ? /* @__PURE__ */ J(lt, {
		name: t.name,
		curve: n.find((e) => e.name === "curve.svg"),
		samples: n.filter((e) => e.name !== "curve.svg")
	}) : r && i ? /* @__PURE__ */ J(st, {
		before: r.url,
		after: i.url,
		name: t.name
	}) : r ? /* @__PURE__ */ J("img", {
		src: r.url,
		alt: t.name
	}) : null;
}
function dt({ model: e, el: t }) {
	let n = t.attachShadow({ mode: "open" }), r = document.createElement("style");
	r.textContent = ct;
	let i = document.createElement("div");
	n.append(r, i);
	let a = e.get("contents"), o = e.get("files").map(({ name: e, type: t }, n) => ({
		name: e,
		url: URL.createObjectURL(new Blob([a[n]], { type: t }))
	}));
	return F(/* @__PURE__ */ J(ut, {
		kind: e.get("kind"),
		data: e.get("data"),
		files: o
	}), i), () => {
		F(null, i);
		for (let { url: e } of o) URL.revokeObjectURL(e);
	};
}
var ft = { render: dt };
export { ft as default };
