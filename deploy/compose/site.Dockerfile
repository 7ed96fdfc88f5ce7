# The demo site; yours has settings and requirements of its own.
FROM python:3.13-slim
WORKDIR /srv/talk
COPY . .
RUN pip install --no-cache-dir --group demo '.[postgres,redis,hpb]' \
 && DJANGO_SECRET_KEY=unused DJANGO_ALLOWED_HOSTS=unused python manage.py collectstatic --no-input
USER nobody
