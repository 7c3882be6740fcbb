"""stub"""
def make_if_missing(files_dir, fake_dir):
    return []
