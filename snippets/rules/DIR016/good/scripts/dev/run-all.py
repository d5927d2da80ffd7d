print('all')
