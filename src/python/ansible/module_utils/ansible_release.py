__version__ = '2.19.0'
