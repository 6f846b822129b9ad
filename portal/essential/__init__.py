"""Essential mode: published pages as files, shown while the database is gone.

`writing` has every published page composed and keeps it with all that it shows; `reading` finds a
page in such a copy when neither the database nor any cache can give it. Files lie by their
addresses, so that any web server can show a copy without the portal.
"""

from portal.essential.manifest import CopiedPage
from portal.essential.manifest import Manifest
from portal.essential.reading import EssentialCopy
from portal.essential.writing import write_copy

__all__ = ["CopiedPage", "EssentialCopy", "Manifest", "write_copy"]
