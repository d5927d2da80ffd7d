package orders;

class MainTest {}
