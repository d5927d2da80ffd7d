"""All that is wrong with an environment is said at once, before anything is connected."""

from app.config import ConfigurationError, load_settings

environment = {
    "DB_HOST": "",
    "DB_NAME": "orders",
    "DB_USER": "app",
    "REDIS_URL": "redis://redis:6379/0",
    "API_ENDPOINT": "exchange.example",
}

try:
    load_settings(environment)
except ConfigurationError as error:
    for key, problem in error.problems.items():
        print(f"{key}: {problem}")
        #> API_ENDPOINT: must be an http or https URL
        #> API_KEY: is missing
        #> DB_HOST: is empty
        #> DB_PASSWORD: is missing
