"""The words and signs of money that mean the same in every language that is read: of figures and of amounts.

What is money in some languages only, by its size ("won", "pounds", "rand") or by its capitals ("RUB"), each of the two
says for itself.
"""

from __future__ import annotations

from collections.abc import Mapping

# ISO code: words of it, as they are written but for capitals. `_` stands for a space.
WORDS = """
EUR: € eur euro euros ευρώ евро
USD: $ usd us$ dollar dollars dólar dólares dollari dollaro dollars_américains dollarn
USD: us-dollar us-dollars us_dollar us_dollars u.s._dollars
CAD: canadian_dollars kanadische_dollar dollars_canadiens
AUD: australian_dollars australische_dollar dollars_australiens
HKD: hong_kong_dollars hongkong-dollar
SGD: singapore_dollars singapur-dollar
TWD: taiwan_dollars taiwan-dollar
GBP: £ gbp pound_sterling pounds_sterling pfund_sterling livres_sterling libras_esterlinas
CHF: chf sfr franken schweizer_franken francs_suisses francos_suizos franchi_svizzeri swiss_francs
JPY: ¥ jpy yen yens yenes
CNY: cny rmb yuan yuans yuanes renminbi
INR: ₹ inr rupees rupien roupies rupias
KRW: ₩ krw wons wones
RUB: ₽ рублей рубля rubles roubles rubel rublos rubli
SEK: sek schwedische_kronen
NOK: nok norwegische_kronen
DKK: dkk dänische_kronen
PLN: pln zł złotych zloty zlotys
BRL: brl reais
ILS: shekels schekel
AED: dirhams
IDR: rupiah
THB: baht
"""

CODES = frozenset(line.partition(":")[0] for line in WORDS.strip().splitlines())

# Before a number.
SIGNS: Mapping[str, str] = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY",
}  # fmt: skip
