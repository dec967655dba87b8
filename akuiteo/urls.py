from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
if settings.ANYMAIL.get("WEBHOOK_SECRET"):  # without one anybody could say that a mail was delivered
    urlpatterns.append(path("anymail/", include("batches.mail_service_urls")))
