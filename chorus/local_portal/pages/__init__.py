"""The pages on which a person plays the buyer, and sees who may call and who called. In English and in French."""

from chorus.local_portal.pages.site import blueprint

__all__ = ["blueprint"]
