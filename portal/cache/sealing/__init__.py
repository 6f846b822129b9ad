"""Entries as bytes that only this portal can make: length-prefixed fields, no pickle, a MAC.

`sealer` makes and checks packs, `writing` and `reading` know the way of an entry there and back,
`layout` what both agree on.
"""

from portal.cache.sealing.layout import SEALED_FIELDS
from portal.cache.sealing.sealer import LARGEST_PACK
from portal.cache.sealing.sealer import Refusal
from portal.cache.sealing.sealer import Sealer
from portal.cache.sealing.sealer import derive_key

__all__ = ["LARGEST_PACK", "SEALED_FIELDS", "Refusal", "Sealer", "derive_key"]
