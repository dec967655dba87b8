import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "akuiteo.settings")
application = get_wsgi_application()

from akuiteo.checks import refuse_wrong_settings  # noqa: E402 - needs the settings
from akuiteo.masking import mask_tracebacks  # noqa: E402

mask_tracebacks()
refuse_wrong_settings()
