"""The currencies that money can be typed in: those of ISO 4217 in use. What is in the log is never looked up. Pure."""

from ledger.errors import Usage
from ledger.money import exponent

# fmt: off
IN_USE = frozenset(
    """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF CLP CNY COP
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD
IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYI UYU UYW UZS VED VES VND VUV WST XAF
XCD XCG XOF XPF YER ZAR ZMW ZWG
""".split()  # noqa: SIM905  (a list of 155 quoted codes cannot be read)
)
# fmt: on
"""ISO 4217, 2026: without funds, metals and codes for tests."""


def decimals(currency: str) -> int:
    """How many decimals a currency has. Raises Usage for one that is not in use."""
    if currency not in IN_USE:
        raise Usage(f'"{currency}" is no currency in use.', "Write its three-letter code, such as USD.")
    return exponent(currency)
