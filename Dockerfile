# The studio in a container, for amd64 and arm64:
#   docker build -t repix .
#   docker run --rm -p 127.0.0.1:8765:8765 -e REPIX_STUDIO_TOKEN=a-secret-of-16-letters-or-more repix
# The command line, on the pictures of a folder:
#   docker run --rm -u "$(id -u)" -v "$PWD:/pictures" -w /pictures repix denoise photo.jpg
FROM python:3.11-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
COPY constraints.txt /constraints.txt
COPY --from=build /wheels /wheels
RUN python -m pip install --no-cache-dir -c /constraints.txt "$(echo /wheels/*.whl)[filters,photos,studio,volumes]" \
    && rm -r /wheels /constraints.txt
RUN useradd --create-home --uid 10001 repix
USER 10001
EXPOSE 8765
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8765/health', timeout=4)"]
ENTRYPOINT ["repix"]
CMD ["studio", "--host", "0.0.0.0"]
