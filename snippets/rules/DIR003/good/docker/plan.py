import image_tags

image_tags.plan()
