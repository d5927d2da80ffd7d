"""Fill a database on the machine of whoever runs it."""

from pymongo import MongoClient

CLIENT = MongoClient("mongodb://127.0.0.1")
