"""Chorus statuses in templates."""

from __future__ import annotations

from django import template

from chorus.screens import badges

register = template.Library()
register.simple_tag(badges.badge, name="status_badge")
register.filter("described", badges.described)
