package orders;

class Main {}
